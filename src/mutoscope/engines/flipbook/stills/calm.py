"""What moves by itself comes to rest where a still is to be met, and goes on from there."""

from __future__ import annotations

from collections.abc import Sequence

import av
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.nature.field import Field
from mutoscope.engines.flipbook.pairs.pace import eased
from mutoscope.engines.flipbook.rendering.seen import Effect, Seen
from mutoscope.finish.frame import Plane, planes_of

Weights = npt.NDArray[np.float64]
#: Seconds from the still to everything under way.
SETTLING = 0.8


def calm(frames: int, fps: float, met: int, *, loop: bool) -> Weights:
    """For each frame how much of what moves is shown: 0 at frame `met`, 1 from SETTLING seconds on."""
    off = np.abs(np.arange(frames, dtype=np.float64) - met)
    if loop:
        off = np.minimum(off, frames - off)
    settling = min(SETTLING, frames / fps / 2)
    return np.asarray(eased(off / fps / settling, 0.5))


def calmed(
    fields: Sequence[Field], effects: Sequence[Effect], weights: Weights
) -> tuple[tuple[Field, ...], tuple[Effect, ...]]:
    """The same, nothing at the frame that is met."""
    quiet = tuple(_calm_field(field, weights) for field in fields)
    return quiet, (CalmEffects(effects, weights),) if effects else ()


class CalmField:
    """A nature field that is nothing at the frame that is met."""

    def __init__(self, field: Field, weights: Weights):
        self._field, self._weights = field, weights

    def displacement(self, number: int) -> npt.NDArray[np.float32]:
        """As the field's own, less near the still."""
        made = self._field.displacement(number) * np.float32(self._weights[number])
        return np.asarray(made, np.float32)


class _CalmRunning(CalmField):
    """The same, of a field that shows two places at once."""

    def second(self, number: int) -> npt.NDArray[np.float32] | None:
        made = self._field.second(number)  # type: ignore[attr-defined]
        if made is None:
            return None
        made = made.copy()
        made[..., 2:] *= np.float32(self._weights[number])
        return np.asarray(made, np.float32)


class _CalmWorn(CalmField):
    """The same, of a field that the subject has, too."""

    def worn(self, number: int) -> npt.NDArray[np.float32] | None:
        made = self._field.worn(number)  # type: ignore[attr-defined]
        return None if made is None else np.asarray(made * np.float32(self._weights[number]))


class _CalmBoth(_CalmRunning, _CalmWorn):
    """The same, of one that does both."""


def _calm_field(field: Field, weights: Weights) -> CalmField:
    kinds = {
        (False, False): CalmField, (True, False): _CalmRunning,
        (False, True): _CalmWorn, (True, True): _CalmBoth,
    }  # fmt: skip
    return kinds[hasattr(field, "second"), hasattr(field, "worn")](field, weights)


class CalmEffects:
    """Effects, one after the other, faded out about the frame that is met."""

    def __init__(self, effects: Sequence[Effect], weights: Weights):
        self._effects, self._weights = tuple(effects), weights

    def apply(self, frame: av.VideoFrame, seen: Seen) -> None:
        """Change the frame as far as its number says."""
        weight = float(self._weights[seen.number])
        if weight <= 0:
            return
        before = [plane.copy() for plane in planes_of(frame)] if weight < 1 else []
        for effect in self._effects:
            effect.apply(frame, seen)
        for plane, was in zip(planes_of(frame), before, strict=False):
            _mix(plane, was, weight)


def _mix(plane: Plane, was: Plane, weight: float) -> None:
    """`was` and `plane` in `plane`, by the share of the second."""
    part = round(256 * weight)
    both = was.astype(np.uint16) * np.uint16(256 - part) + plane * np.uint16(part) + np.uint16(128)
    plane[:] = both >> 8
