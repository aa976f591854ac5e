"""What became of each camera move, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mutoscope.direction.model import Move
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera.amounts import RATIOS, shown
from mutoscope.engines.flipbook.camera.tracks import Track, is_sideways, phrase

#: Of an amount that was named, the part that still counts as done; of one that was not.
ENOUGH, ENOUGH_UNNAMED = 0.97, 0.5
#: Closer framing below this is not worth a word.
SEEN = 0.01


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a path was brought within the picture: the `share` of its moves that is left, the zoom
    beyond 1 that was added, and how much of the made-up margin that may be shown is."""

    share: float = 1.0
    closer: float = 0.0
    paint: float = 0.0


def told(
    tracks: Sequence[Track], camera: Sequence[Move], shares: Mapping[str, float], fit: Fitting, *,
    loop: bool, chosen: bool, pinned: bool, held: bool = False,
) -> tuple[Instruction, ...]:  # fmt: skip
    """An Instruction for every move. `chosen`: the engine picked the move, none was named."""
    by = {id(track.move): track for track in tracks}
    said = []
    for move in camera:
        if move.move == "static":
            said.append(_rest(move, camera))
        elif id(move) in by:
            said.append(_moved(by[id(move)], shares, fit, loop=loop, pinned=pinned, held=held))
        else:
            said.append(Instruction(phrase(move), "not_possible", "it has no time to happen in"))
    if chosen:
        how = f"no camera move is named, so it is a slow dolly in: {said[0].how}"
        said[0] = Instruction("camera", said[0].outcome, how)
    return tuple(said)


def _rest(move: Move, camera: Sequence[Move]) -> Instruction:
    others = [
        other
        for other in camera
        if other.move != "static"
        and other.start < move.end - 0.05
        and other.end > move.start + 0.05
    ]
    span = f"from {move.start:.1f} to {move.end:.1f} s"
    if others:
        names = ", ".join(phrase(other) for other in others)
        return Instruction(phrase(move), "approximated", f"{names} goes on {span}")
    return Instruction(phrase(move), "done", f"the camera rests {span}")


def reached(track: Track, shares: Mapping[str, float]) -> float:
    """How far the move really went, in UNITS; `shares` by the moves' names and families."""
    share = shares.get(track.move.move, shares.get(track.kind, 1.0))
    return track.size**share if track.kind in RATIOS else track.size * share


def _moved(
    track: Track, shares: Mapping[str, float], fit: Fitting, *,
    loop: bool, pinned: bool, held: bool,
) -> Instruction:  # fmt: skip
    """Done, or approximated and how."""
    move, kind = track.move, track.kind
    got = reached(track, shares)
    wanted, least = track.size, ENOUGH_UNNAMED
    if move.amount is not None:
        wanted, least = max(wanted, abs(move.amount)), ENOUGH
    whole, part = (math.log(wanted), math.log(got)) if kind in RATIOS else (wanted, got)
    parts = [shown(kind, got)]
    outcome: Literal["done", "approximated"] = "done"
    if part < least * whole:
        outcome = "approximated"
        why = _why(kind, pinned=pinned)
        parts = [f"{kind} of {shown(kind, wanted)} reduced to {shown(kind, got)}, {why}"]
    if held and kind in _AROUND:
        parts.append("around the subject, which stays in the middle")
    if loop and kind != "handheld":
        parts.append("there and back, for the loop")
    if fit.closer > SEEN and is_sideways(track):
        way = "closes in by" if pinned else "is closer by"
        parts.append(f"the framing {way} {100 * fit.closer:.0f} % to make room")
    if fit.paint > 0 and is_sideways(track):
        parts.append("the picture's outermost strip is painted in")
    return Instruction(phrase(move), outcome, "; ".join(parts))


_AROUND = ("pan", "tilt", "truck", "pedestal")


def _why(kind: str, *, pinned: bool) -> str:
    if kind == "orbit":
        return "a photograph shows one side, and more would bend what stands upright"
    if kind in RATIOS and pinned:
        return "the picture has no more beyond the first frame"
    return "the picture has no more"
