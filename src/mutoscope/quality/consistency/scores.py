"""From how far two sights of a character lie apart to 0-100: 100 is the same, 50 as likely another.

Each curve falls as the odds of "the same" do: its middle is the distance at which the same and another
are equally likely, its width how quickly one becomes the other. The face's middle is dlib's published
rule; the others were fitted by `python -m benchmarks.consistency --fit` and are in docs/consistency.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mutoscope.quality.consistency.figure import Seen, Vector
from mutoscope.quality.consistency.looks import Look

Part = Literal["face", "clothing", "whole"]
PARTS: tuple[Part, ...] = ("face", "clothing", "whole")


@dataclass(frozen=True, slots=True)
class Curve:
    """`middle` and `width` in distances."""

    middle: float
    width: float

    def score(self, distance: float) -> float:
        """100 at nil, 50 at the middle (nearly), falling all the way."""
        raw = 1 / (1 + math.exp(min(50.0, (distance - self.middle) / self.width)))
        most = 1 / (1 + math.exp(-self.middle / self.width))
        return 100 * raw / most


CURVES: dict[Part, Curve] = {
    "face": Curve(0.60, 0.10),
    "clothing": Curve(1.08, 0.12),
    "whole": Curve(0.95, 0.14),
}
METHODS: dict[Part, str] = {
    "face": "distance of dlib's face recognition network, faces aligned by YuNet's five points; 0.6 is 50",
    "clothing": "colours (CIELAB, light taken out) and texture (AlexNet's third layer) of the figure below the chin",
    "whole": "colours (CIELAB, light taken out) and texture (AlexNet's third layer) of the figure, cut out; where a face is seen, the face and the clothing count as much",
}


def face_distance(one: Vector, other: Vector) -> float:
    """Below 0.6: the same person, says the network's author."""
    return float(np.linalg.norm(one - other))


def look_distance(one: Look, other: Look) -> float:
    """0 to 2.83; both parts have no negative numbers, so each differs by 1.41 at most."""
    return _apart(one.colours, other.colours) + _apart(one.texture, other.texture)


def _apart(one: Vector, other: Vector) -> float:
    return float(np.linalg.norm(one - other))


def distances(one: Seen, references: Sequence[Seen]) -> dict[Part, float]:
    """Each part's distance to the nearest reference that shows it; parts that either lacks are left
    out."""
    found: dict[Part, float] = {}
    for reference in references:
        for part, value in _between(one, reference).items():
            found[part] = min(value, found.get(part, math.inf))
    return found


def _between(one: Seen, other: Seen) -> dict[Part, float]:
    found: dict[Part, float] = {}
    if one.face is not None and other.face is not None:
        found["face"] = face_distance(one.face, other.face)
    if one.body is None or other.body is None:
        return found
    level = one.body.level(other.body)
    mine, its = one.body.clothing(level), other.body.clothing(level)
    if mine is not None and its is not None:
        found["clothing"] = look_distance(mine, its)
    mine, its = one.body.whole(level), other.body.whole(level)
    if mine is not None and its is not None:
        found["whole"] = _together(look_distance(mine, its), found if level is not None else {})
    return found


def _together(whole: float, seen: Mapping[Part, float]) -> float:
    """A close-up is mostly head, and heads are much alike in colour: face and clothing, where they are
    seen, count as much as the figure's look. Each is taken in terms of its own curve's middle."""
    middle = CURVES["whole"].middle
    every = [whole, *(value * middle / CURVES[part].middle for part, value in seen.items())]
    return sum(every) / len(every)
