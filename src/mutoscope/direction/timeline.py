"""Lays the moves that were found on the clip's seconds."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mutoscope.direction.found import Found
from mutoscope.direction.model import Advice, Move, MoveName
from mutoscope.direction.times import When

MOST_BEATS = 32
_HOLD_WEIGHT = 0.5  # of a beat without a length: a hold takes half of what a move takes
_OPPOSED = ("left", "right"), ("in", "out"), ("up", "down"), ("cw", "ccw")


class Beat(msgspec.Struct):
    """Moves that happen together; `start` and `end` once they are laid."""

    found: list[Found]
    when: When = msgspec.field(default_factory=When)
    start: float = 0.0
    end: float = 0.0

    @property
    def hold(self) -> bool:
        return all(one.family == "static" for one in self.found)


def asked_length(found: Sequence[Found]) -> float | None:
    """The seconds that the beats ask for together, where each of them has a time of its own."""
    beats = _beats([one for one in found if one.family != "handheld"])
    if not beats or not all(beat.when.length or beat.when.end for beat in beats):
        return None
    total = 0.0
    for beat in beats:
        total = beat.when.end if beat.when.end is not None else total + (beat.when.length or 0.0)
    return total or None


def lay(found: Sequence[Found], seconds: float) -> tuple[tuple[Move, ...], tuple[Advice, ...]]:
    """The timeline of a clip of `seconds`, sorted by start, and what is to be said about it."""
    advice: list[Advice] = []
    found = _contradictions(found, advice)
    over = [one for one in found if one.family == "handheld" and not _timed(one)]
    beats = _beats([one for one in found if one not in over])
    if len(beats) > MOST_BEATS:
        advice.append(
            Advice(
                code="many_beats",
                message=f"{len(beats)} beats were asked for; the first {MOST_BEATS} are used.",
            )
        )
        beats = beats[:MOST_BEATS]
    _place(beats, seconds, advice)
    moves = [
        _move(one, name, beat.start, min(_tick(beat.end), seconds))
        for beat in beats
        for one in beat.found
        for name in one.moves
        if min(_tick(beat.end), seconds) > _tick(beat.start)
    ]
    moves += [_move(one, name, 0.0, seconds) for one in over[:1] for name in one.moves]
    if beats:
        moves += _gaps(beats, seconds, advice)
    return tuple(sorted(moves, key=lambda move: (move.start, move.end))), tuple(advice)


def _timed(one: Found) -> bool:
    return one.when.start is not None or one.when.end is not None or one.when.length is not None


def _contradictions(found: Sequence[Found], advice: list[Advice]) -> list[Found]:
    """A still camera that also moves: the move wins, unless the stillness is a beat of its own."""
    moving = [one for one in found if one.family not in ("static", "handheld")]
    kept: list[Found] = []
    for one in found:
        beat = bool(one.when) or one.join in ("then",) or one.words.lower().startswith(_HOLDS)
        if one.family == "static" and moving and not beat and not _followed(one, found):
            advice.append(
                Advice(
                    code="contradiction",
                    message=f"“{one.words}” and “{moving[0].words}” contradict each other; the camera moves.",
                    words=one.words,
                )
            )
            continue
        kept.append(one)
    return kept


_HOLDS = ("hold", "pause", "wait", "halte", "stop", "停")


def _followed(one: Found, found: Sequence[Found]) -> bool:
    """ "… stays still, then pans left": the next one says "then"."""
    at = next(place for place, other in enumerate(found) if other is one)
    after = found[at + 1] if at + 1 < len(found) else None
    return after is not None and (after.join == "then" or bool(after.when))


def _beats(found: Sequence[Found]) -> list[Beat]:
    beats: list[Beat] = []
    for one in found:
        last = beats[-1] if beats else None
        if last is not None and _together(last, one):
            last.found.append(one)
            last.when = last.when or one.when
        elif last is not None and _again(last, one):
            last.found[0].amount = last.found[0].amount or one.amount
        else:
            beats.append(Beat([one], one.when))
    return beats


def _together(beat: Beat, one: Found) -> bool:
    if one.join not in ("same", "without") and not one.at_once:
        return False
    if any(_clash(a, b) for other in beat.found for a in other.moves for b in one.moves):
        return False
    if "static" in one.moves or beat.hold:
        return False
    if one.when.place == "end" and beat.when.place != "end":
        return False
    own = bool(one.when) and bool(beat.when) and one.when is not beat.when
    return not own or one.when == beat.when


def _clash(a: str, b: str) -> bool:
    if a == b:
        return True
    (family, _, side), (other, _, far) = a.partition("_"), b.partition("_")
    return family == other and any({side, far} == set(pair) for pair in _OPPOSED)


def _again(beat: Beat, one: Found) -> bool:
    """The same move named twice in a row without a time is one move."""
    if one.when or one.join == "then":
        return False
    return any(set(one.moves) <= set(other.moves) for other in beat.found)


def _place(beats: list[Beat], seconds: float, advice: list[Advice]) -> None:
    """Sets each beat's start and end. Fixed lengths are kept, the others share what is left."""
    wants = [_want(beat, seconds) for beat in beats]
    _alone_at_the_end(beats, wants, seconds)
    _late(beats, seconds, advice)
    fixed = sum(want.length or 0.0 for want in wants if want.start is None)
    anchored = sum(
        (want.end or 0.0) - (want.start or 0.0) for want in wants if want.start is not None
    )
    free = [
        beat
        for beat, want in zip(beats, wants, strict=True)
        if want.length is None and want.end is None
    ]
    asked = fixed + anchored
    late = max((want.end or 0.0 for want in wants), default=0.0)
    scale = 1.0
    room = 0.9 * seconds if free else seconds
    if asked > room + 1e-6 or late > seconds + 1e-6:
        scale = room / max(asked, late)
        advice.append(
            Advice(
                code="scaled",
                message=f"The beats last {max(asked, late):g} s and the clip {seconds:g} s: "
                f"they were scaled to {scale:.0%}.",
            )
        )
    share = max(0.0, seconds - asked * scale) / max(
        1e-9, sum(_HOLD_WEIGHT if beat.hold and len(beats) > 1 else 1.0 for beat in free)
    )
    cursor = 0.0
    for order, (beat, want) in enumerate(zip(beats, wants, strict=True)):
        weight = _HOLD_WEIGHT if beat.hold and len(beats) > 1 else 1.0
        beat.start = cursor if want.start is None else want.start * scale
        if want.end is not None:
            beat.end = max(want.end * scale, beat.start)
        elif want.length is not None:
            beat.end = beat.start + want.length * scale
        else:
            following = wants[order + 1].start if order + 1 < len(wants) else None
            ahead = [w.start for w in wants[order + 1 :] if w.start is not None]
            beat.end = min(seconds, beat.start + share * weight)
            if following is not None:
                beat.end = max(beat.start, following * scale)
            elif order + 1 == len(beats):
                beat.end = seconds
            elif ahead and beat.end > ahead[0] * scale:
                beat.end = max(beat.start, ahead[0] * scale)
        beat.end = min(beat.end, seconds)
        beat.start = min(beat.start, seconds)
        cursor = beat.end


def _late(beats: Sequence[Beat], seconds: float, advice: list[Advice]) -> None:
    for beat in beats:
        start = beat.when.start
        if start is not None and start >= seconds:
            message = f"“{beat.found[0].words}” is to begin at {start:g} s, and the clip has {seconds:g} s: it takes the last tenth."
            advice.append(Advice(code="late", message=message, words=beat.found[0].words))
            return


def _want(beat: Beat, seconds: float) -> When:
    """What the beat asks for, as a start, an end and a length."""
    when = beat.when
    if when.last is not None:
        return When(start=max(0.0, seconds - when.last), end=seconds, length=when.last)
    if when.share is not None:
        length = seconds * when.share
        if when.after:
            return When(start=seconds - length, end=seconds, length=length)
        return (
            When(start=0.0, end=length, length=length)
            if when.place == "start"
            else When(length=length)
        )
    if when.start is not None and when.end is not None:
        low, high = sorted((when.start, when.end))
        return When(start=low, end=high, length=high - low)
    if when.start is not None and when.length is not None:
        return When(start=when.start, end=when.start + when.length, length=when.length)
    if when.start is not None:
        return (
            When(start=min(when.start, 0.9 * seconds))
            if when.start >= seconds
            else When(start=when.start)
        )
    if when.end is not None:
        return When(end=when.end)
    return When(length=when.length)


def _alone_at_the_end(beats: list[Beat], wants: list[When], seconds: float) -> None:
    """ "zoom in at the end" and nothing else: the last third."""
    if len(beats) == 1 and beats[0].when.place == "end" and not wants[0].start:
        length = wants[0].length or seconds / 3
        wants[0] = When(start=max(0.0, seconds - length), end=seconds, length=length)
    elif len(beats) > 1 and beats[-1].when.place == "end" and not wants[-1]:
        length = seconds / (4 if beats[-1].hold else 3)
        wants[-1] = When(start=seconds - length, end=seconds, length=length)
    if (
        len(beats) == 1
        and beats[0].when.place == "start"
        and not wants[0].length
        and not beats[0].hold
        and wants[0].start is None
    ):
        wants[0] = msgspec.structs.replace(wants[0], start=0.0)


def _gaps(beats: list[Beat], seconds: float, advice: list[Advice]) -> list[Move]:
    """Holds for what no beat fills."""
    holds: list[Move] = []
    cursor = 0.0
    for beat in sorted(beats, key=lambda beat: beat.start):
        if beat.start - cursor > 0.02:
            holds.append(Move(move="static", start=_tick(cursor), end=_tick(beat.start)))
        cursor = max(cursor, beat.end)
    if seconds - cursor > 0.02:
        holds.append(Move(move="static", start=_tick(cursor), end=seconds))
        advice.append(
            Advice(
                code="held",
                message=f"The beats end at {cursor:g} s; the camera holds for the {seconds - cursor:.3g} s left.",
            )
        )
    return holds


def _tick(time: float) -> float:
    return round(time, 3)


def _move(one: Found, name: str, start: float, end: float) -> Move:
    move: MoveName = name  # type: ignore[assignment]
    return Move(
        move=move,
        start=_tick(start),
        end=end,
        speed=one.speed or "normal",
        amount=amount_of(one, name),
        words=one.clause or one.words,
    )


def amount_of(one: Found, name: str) -> float | None:
    """The amount in the move's own unit (see model.UNITS); None where none was named."""
    amount = one.amount
    if amount is None or amount.value <= 0:
        return None
    if amount.unit == "percent":
        part = amount.value / 100
        return round(1 + part if name.startswith(("zoom", "dolly")) else part, 4)
    return round(amount.value, 4)
