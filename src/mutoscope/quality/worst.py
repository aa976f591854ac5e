"""The frames of a film that are most worth a look, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mutoscope.quality.measured import Measured

#: Figures to each side of one that it is held against.
AROUND = 6


@dataclass(frozen=True, slots=True)
class Worst:
    """`why` in a few words, with the figure; `by`: how far it stands out, the largest first."""

    number: int
    why: str
    by: float


def worst(made: Measured, most: int) -> list[Worst]:
    """At most `most` frames, no two of them neighbours, in the film's order."""
    found = sorted(_candidates(made), key=lambda one: -one.by)
    apart = max(2, made.frames // 12)
    chosen: list[Worst] = []
    for one in found:
        if len(chosen) < most and all(abs(one.number - other.number) >= apart for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.number)


def _candidates(made: Measured) -> list[Worst]:
    found = [Worst(number, "a cut", 100.0) for number in made.cuts.cuts]
    if made.outline is not None:
        found += [
            Worst(one.number, f"outline faults {one.faults:.2f}", 4 * one.faults)
            for one in made.outline.frames
        ]
    if made.warping is not None:
        found += _standing_out(made.warping.errors, "warp error {:.1f}")
    if made.flicker is not None:
        steps = dict(enumerate(made.flicker.steps, 1))
        found += _standing_out(steps, "changes by {:.1f} levels")
    if made.jerk is not None:
        found += _standing_out(dict(enumerate(made.jerk.frames, 2)), "jerk {:.1f} ‰")
    if len(made.sharpness) > 1:
        soft = {number: -float(value) for number, value in enumerate(made.sharpness)}
        usual = float(np.median(made.sharpness))
        found += [
            Worst(number, f"soft: sharpness {-value:.1f} of {usual:.1f}", 3 * (usual + value) / max(usual, 1e-6))
            for number, value in soft.items()
        ]  # fmt: skip
    if made.likeness is not None:
        found += [
            Worst(number, f"unlike the first: {value:.2f}", 2 * (made.likeness.mean - value))
            for number, value in made.likeness.by_frame.items()
        ]
    return [one for one in found if 0 <= one.number < made.frames]


def _standing_out(values: Mapping[int, float], words: str) -> list[Worst]:
    """By how many times what is usual around it each is: a move that is fast for a while is not a fault."""
    numbers, sizes = list(values), np.array(list(values.values()))
    floor = 0.25 * float(np.median(sizes)) + 0.2 if len(sizes) else 0.0
    found = []
    for place, number in enumerate(numbers):
        near = np.r_[sizes[max(0, place - AROUND) : place], sizes[place + 1 : place + 1 + AROUND]]
        usual = max(floor, float(np.median(near)) if len(near) else 0.0)
        by = 0.5 * (float(sizes[place]) / usual - 1)
        found.append(Worst(number, words.format(sizes[place]), by))
    return found
