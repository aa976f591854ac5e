"""A direction for a part of its time, and one report of several parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera.amounts import RATIOS, amount, family

#: Seconds of a move that are too few to be one.
LEAST = 0.1
#: The outcomes, the best first.
_RANKS = ("done", "approximated", "not_possible")


def part(direction: Direction, start: float, end: float) -> Direction:
    """The direction from `start` to `end` seconds: its moves cut there, going as fast as they would.
    Where it has moves and none of them then, the camera rests."""
    moves = tuple(
        _cut(move, start, end)
        for move in direction.camera
        if min(move.end, end) - max(move.start, start) >= min(LEAST, move.end - move.start)
    )
    seconds = max(end - start, 1e-3)
    if direction.camera and not moves:
        moves = (Move(move="static", start=0.0, end=seconds),)
    return msgspec.structs.replace(direction, camera=moves, seconds=seconds, loop=False)


def part_round(late: Sequence[Move], early: Sequence[Move], seam: float) -> tuple[Move, ...]:
    """The moves of a loop's end and of its beginning as one row; those of `early` begin at `seam`
    seconds. One that goes on over the seam is one move."""
    moves = [move for move in late if move.move != "static"]
    for move in early:
        if move.move == "static":
            continue
        over = msgspec.structs.replace(move, start=move.start + seam, end=move.end + seam)
        at = next((i for i, one in enumerate(moves) if _goes_on(one, over, seam)), None)
        if at is None:
            moves.append(over)
        else:
            moves[at] = msgspec.structs.replace(moves[at], end=over.end, amount=None)
    return tuple(moves)


def joined(parts: Sequence[tuple[str, Iterable[Instruction]]]) -> tuple[Instruction, ...]:
    """What became of each instruction in all parts together; each part is named ("frames 0 to 48").
    An instruction is done where it is done in every part that it reaches."""
    by: dict[str, list[tuple[str, Instruction]]] = {}
    for name, said in parts:
        for one in said:
            by.setdefault(one.words, []).append((name, one))
    return tuple(_together(words, found) for words, found in by.items())


def _together(words: str, found: list[tuple[str, Instruction]]) -> Instruction:
    outcomes = {one.outcome for _, one in found}
    outcome = outcomes.pop() if len(outcomes) == 1 else "approximated"
    hows = list(dict.fromkeys(one.how for _, one in found if one.how))
    if len(found) == 1 or len(hows) <= 1:
        return Instruction(words, outcome, hows[0] if hows else "")
    found = sorted(found, key=lambda pair: _RANKS.index(pair[1].outcome))
    how = "; ".join(f"{name}: {one.how}" for name, one in found if one.how)
    return Instruction(words, outcome, how)


def _goes_on(one: Move, other: Move, seam: float) -> bool:
    alike = one.move == other.move and one.words == other.words
    return alike and abs(one.end - seam) < LEAST and abs(other.start - seam) < LEAST


def _cut(move: Move, start: float, end: float) -> Move:
    """The part of a move, counted from `start`. Its words go with it."""
    begin, stop = max(move.start, start), min(move.end, end)
    share = (stop - begin) / max(move.end - move.start, 1e-6)
    whole = amount(move)
    kind = family(move.move)
    if kind in ("handheld", "static") or share > 1 - 1e-6:
        size = move.amount
    else:
        size = whole**share if kind in RATIOS else whole * share
    return msgspec.structs.replace(move, start=begin - start, end=stop - start, amount=size)
