"""Did the camera do what was asked? Each move of a direction against what the strict fit saw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Direction, Move
from mutoscope.quality.camera import Camera

Array = npt.NDArray[np.float64]
Verdict = Literal["yes", "little", "no", "unknown"]

#: Below this share of the frame nothing has moved: VBench's bound.
STILL = 0.005
#: Of an amount that was named, what must be seen of it to be "yes"; less than that is "little".
ENOUGH = 0.6
#: Horizontal field of view in degrees, where no lens was named.
HFOV = 55.0
_SIGN = {"in": 1, "out": -1, "right": 1, "left": -1, "up": 1, "down": -1, "cw": 1, "ccw": -1}
#: What of the fit shows a move: its first word → the series of `components`.
_SHOWN = {
    "pan": "pan", "truck": "pan", "tilt": "tilt", "pedestal": "tilt", "zoom": "zoom", "dolly": "zoom",
    "roll": "roll",
}  # fmt: skip
_NAMES = {"pan": "sideways", "tilt": "up and down", "zoom": "larger", "roll": "turned"}


@dataclass(frozen=True, slots=True)
class AskedMove:
    """`verdict`: yes, little (the right way, but too little of it), no, or unknown (a fit cannot tell).
    `saw`: what was seen, in words."""

    move: str
    words: str
    verdict: Verdict
    saw: str


def judged(direction: Direction, way: Camera, times: Array, *, loop: bool = False) -> tuple[AskedMove, ...]:  # fmt: skip
    """Every move that was asked for, and every one that was asked not to be. `times` in seconds of the
    fit's frames; a `loop`'s moves go out and come back, so their first half is looked at."""
    hfov = direction.lens.hfov or HFOV
    seen = [_move(move, way, times, direction.seconds, hfov, loop) for move in direction.camera]
    asked = {move.move for move in direction.camera}
    for name in dict.fromkeys(direction.refused):
        if name not in asked:
            one = Move(move=name, start=0.0, end=direction.seconds)
            found = _move(one, way, times, direction.seconds, hfov, loop)
            verdict: Verdict = {"yes": "no", "no": "yes"}.get(found.verdict, "unknown")  # type: ignore[assignment]
            seen.append(AskedMove(f"no {name}", "", verdict, found.saw))
    return tuple(seen)


def _move(
    move: Move, way: Camera, times: Array, seconds: float, hfov: float, loop: bool
) -> AskedMove:  # fmt: skip
    kind, _, side = move.move.partition("_")
    scale = (times[-1] / seconds) if seconds and len(times) > 1 else 1.0
    first, last = (int(np.argmin(np.abs(times - at * scale))) for at in (move.start, move.end))
    if loop:
        last = first + max(1, round((last - first) * 0.55))
    span = slice(first, last + 1)
    series = components(way)
    words = move.words or move.move.replace("_", " ")
    if kind == "static":
        gone = max(float(np.abs(values[span] - values[first]).max()) for values in series.values())
        return AskedMove(move.move, words, "yes" if gone < STILL else "no", _said(way, span))
    if kind == "handheld":
        shake = _shake(way, span)
        return AskedMove(
            move.move, words, "yes" if shake > 0.02 else "no", f"shakes {shake:.2f} % of the frame"
        )
    if kind == "orbit":
        gone = float(np.abs(series["pan"][span] - series["pan"][first]).max())
        parts = way.agreeing < 0.97
        verdict: Verdict = "unknown" if gone > STILL or parts else "no"
        return AskedMove(move.move, words, verdict, _said(way, span) + ", which may be an orbit")
    values = (series[_SHOWN[kind]][span] - series[_SHOWN[kind]][first]) * _SIGN[side]
    far = int(np.abs(values).argmax()) if loop else len(values) - 1
    gone, span = float(values[far]), slice(first, first + far + 1)
    wanted = _wanted(kind, move.amount, hfov)
    verdict = "no" if gone < STILL else "yes"
    if verdict == "yes" and wanted is not None and gone < ENOUGH * wanted:
        verdict = "little"
    return AskedMove(move.move, words, verdict, _said(way, span, _SHOWN[kind]))


def components(way: Camera) -> dict[str, Array]:
    """Each component as a share of the frame, so that one bound holds for all: for zoom and roll what the
    middle of an edge moves by."""
    return {
        "pan": way.pan,
        "tilt": way.tilt,
        "zoom": np.log(np.maximum(way.zoom, 1e-6)) / 2,
        "roll": np.radians(way.roll) / 2,
    }


def _wanted(kind: str, amount: float | None, hfov: float) -> float | None:
    """The share of the frame that a named amount should move it by; None where none was named, or where
    how far things move depends on how near they are."""
    if amount is None or kind in ("truck", "pedestal"):
        return None
    if kind in ("zoom", "dolly"):
        share = abs(math.log(amount)) / 2 if amount > 0 else None
        return share if kind == "zoom" or share is None else 0.5 * share
    if kind == "roll":
        return math.radians(abs(amount)) / 2
    return math.tan(math.radians(min(80.0, abs(amount)))) / (2 * math.tan(math.radians(hfov / 2)))


def _shake(way: Camera, span: slice) -> float:
    """Per cent of the frame that the camera's way departs from its own smooth course."""
    rough = []
    for values in (way.pan[span], way.tilt[span]):
        if len(values) < 9:
            return 0.0
        smooth = np.convolve(np.pad(values, 4, "edge"), np.ones(9) / 9, "valid")
        rough.append(float(np.std(values - smooth)))
    return 100 * max(rough)


def _said(way: Camera, span: slice, part: str = "") -> str:
    """What the camera did over a stretch, in words; of one `part`, where it is named."""
    pan, tilt = 100 * (way.pan[span][-1] - way.pan[span][0]), 100 * (way.tilt[span][-1] - way.tilt[span][0])  # fmt: skip
    zoom = way.zoom[span][-1] / max(way.zoom[span][0], 1e-6)
    roll = way.roll[span][-1] - way.roll[span][0]
    said = {
        "pan": f"{'right' if pan >= 0 else 'left'} {abs(pan):.1f} %",
        "tilt": f"{'up' if tilt >= 0 else 'down'} {abs(tilt):.1f} %",
        "zoom": f"{zoom:.3f} times as large",
        "roll": f"{abs(roll):.1f}° {'clockwise' if roll >= 0 else 'anticlockwise'}",
    }
    return said[part] if part else ", ".join(said.values())
