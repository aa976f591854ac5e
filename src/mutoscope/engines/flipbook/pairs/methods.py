"""The ways to make the pictures between two pictures: a table, the best first.

The network suits what is left to move once the camera's way is taken out; where flow has explained all
of that already, it is exact, and quicker. The last row suits everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mutoscope.direction.model import Direction
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.pairs import learned
from mutoscope.engines.flipbook.pairs import moves as pair_moves
from mutoscope.engines.flipbook.pairs.by_network import NetworkInterpolator
from mutoscope.engines.flipbook.pairs.dissolve import (
    DRIFT,
    LONGEST_MIX,
    MIX_SHARE,
    PUSH,
    DissolveInterpolator,
)
from mutoscope.engines.flipbook.pairs.evidence import LEAST_AGREEMENT, Evidence, Pair
from mutoscope.engines.flipbook.pairs.homography import Way
from mutoscope.engines.flipbook.pairs.interpolate import FlowInterpolator, Interpolator
from mutoscope.engines.flipbook.pairs.pace import RAMP
from mutoscope.shot import Quality

Name = Literal["network", "flow", "dissolve"]
Spans = list[tuple[float, float]]

#: With this share of the common area confirmed, flow has found all there is to find.
EXPLAINED = 0.985


@dataclass(frozen=True, slots=True)
class Method:
    """`make` takes the pair, the direction and the seconds from the first picture to the last.

    `told` answers a direction's instructions; `spans` are the parts of the clip, as fractions, in
    which it moves (none: all of it), `ramp` the easing at their ends; `notes` are for the report.
    """

    name: Name
    suits: Callable[[Evidence, Quality], bool]
    make: Callable[[Pair, Direction | None, float, Quality], Interpolator]
    told: Callable[[Evidence, Direction], tuple[Instruction, ...]]
    spans: Callable[[Evidence, Direction], Spans]
    ramp: float
    notes: Callable[[Evidence], tuple[str, ...]]


def drift(direction: Direction | None, width: int, height: int) -> Way:
    """The way that both pictures of a dissolve drift: a push-in, or the move that is asked for."""
    move = pair_moves.drift_of(direction)
    name = move.move if move is not None else "zoom_in"
    x, y = (width - 1) / 2, (height - 1) / 2
    kind, _, side = name.partition("_")
    matrix = np.eye(3)
    if kind in ("zoom", "dolly"):
        zoom = PUSH if side == "in" else 1 / PUSH
        matrix = np.array([[zoom, 0, x * (1 - zoom)], [0, zoom, y * (1 - zoom)], [0, 0, 1]])
    elif side in ("left", "right"):
        matrix[0, 2] = DRIFT * width * (1 if side == "left" else -1)
    elif side in ("up", "down"):
        matrix[1, 2] = DRIFT * height * (1 if side == "up" else -1)
    way = Way.of(matrix, width, height)
    assert way is not None  # a small zoom or shift always has a logarithm
    return way


def _dissolve(
    pair: Pair, direction: Direction | None, seconds: float, quality: Quality
) -> Interpolator:
    height, width = pair.first.shape[:2]
    share = min(MIX_SHARE, LONGEST_MIX / max(1e-3, seconds))
    way = drift(direction, width, height)
    return DissolveInterpolator(pair.first, pair.last, way, share)


def _flow(
    pair: Pair, direction: Direction | None, seconds: float, quality: Quality
) -> Interpolator:
    return FlowInterpolator(pair.first, pair.last, pair.way, pair.flow)


def _network(
    pair: Pair, direction: Direction | None, seconds: float, quality: Quality
) -> Interpolator:
    return NetworkInterpolator(pair, fine=quality is Quality.BEST)


def _dissolve_notes(evidence: Evidence) -> tuple[str, ...]:
    return (
        "the two pictures do not show the same scene "
        f"({evidence.agreement:.0%} of their area agrees; {LEAST_AGREEMENT:.0%} is needed): "
        "dissolved from one to the other",
    )


def _flow_notes(evidence: Evidence) -> tuple[str, ...]:
    notes = [
        f"the two pictures show the same scene ({evidence.agreement:.0%} of their common area "
        f"agrees): between them the camera {pair_moves.described(evidence.movement)}"
    ]
    if abs(evidence.light) >= 4:
        way = "brighter" if evidence.light > 0 else "darker"
        notes.append(f"the last picture is {way}: the light changes evenly through the clip")
    if evidence.agreement < 0.5:
        notes.append(
            f"only {evidence.agreement:.0%} of the common area agrees: a step this large may show "
            "ghosts; a picture between the two would help"
        )
    return tuple(notes)


def _flow_alone_notes(evidence: Evidence) -> tuple[str, ...]:
    if evidence.agreement >= EXPLAINED or learned.here():
        return _flow_notes(evidence)
    return *_flow_notes(evidence), f"the motion between was found {learned.LESS}"


METHODS: tuple[Method, ...] = (
    Method(
        "network",
        suits=lambda evidence, quality: (
            evidence.related and evidence.agreement < EXPLAINED and learned.used(quality)
        ),
        make=_network,
        told=lambda evidence, direction: pair_moves.by_flow(
            direction, evidence.movement, evidence.residual
        ),
        spans=lambda evidence, direction: pair_moves.moving_spans(direction, evidence.movement),
        ramp=RAMP,
        notes=_flow_notes,
    ),
    Method(
        "flow",
        suits=lambda evidence, quality: evidence.related,
        make=_flow,
        told=lambda evidence, direction: pair_moves.by_flow(
            direction, evidence.movement, evidence.residual
        ),
        spans=lambda evidence, direction: pair_moves.moving_spans(direction, evidence.movement),
        ramp=RAMP,
        notes=_flow_alone_notes,
    ),
    Method(
        "dissolve",
        suits=lambda evidence, quality: True,
        make=_dissolve,
        told=lambda evidence, direction: pair_moves.by_dissolve(direction),
        spans=lambda evidence, direction: [],
        ramp=0.0,  # a drift that starts and stops would show that it is one
        notes=_dissolve_notes,
    ),
)
