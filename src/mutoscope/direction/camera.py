"""Reads the camera's moves in a prompt: who moves, which way, how fast, how far, and when.

A verb alone does not say who moves ("pans for gold", "a truck drives right"), so each candidate is
asked three things: does the phrase name a camera move whatever stands beside it; is the camera named
as the one that moves; or is it an imperative with nobody else before it. See `agents.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from mutoscope.direction.agents import Agent, Sight, accepts, look
from mutoscope.direction.bind import bind, speed_of
from mutoscope.direction.carry import carried, meanwhile, sided, told_again
from mutoscope.direction.clauses import Clause
from mutoscope.direction.found import Found, Reading
from mutoscope.direction.lexicon import families
from mutoscope.direction.phrases import Item
from mutoscope.direction.times import Read, When, read_amounts, read_times

MOST_IN_A_CLAUSE = 6  # moves; nobody says more in one breath
MOST = 256  # moves of a prompt
#: Characters of a clause that are quoted whole in a report.
LONGEST_WORDS = 60


def read_camera(clauses: Sequence[Clause], text: str, languages: tuple[str, ...]) -> Reading:
    """The moves of a prompt in the order they are named."""
    reading = Reading()
    sight = Sight()
    pending = When()
    negated = False
    for number, clause in enumerate(clauses):
        times = read_times(clause.items)
        if times.clip is not None:
            reading.clip = times.clip
            reading.read.add(number)
        if clause.section not in ("", "camera", "style") or len(reading.found) >= MOST:
            continue
        sight = look(sight, clause)
        negated = _negates(clause, negated)
        moves = [] if _unmoving(clause) else _moves(clause, sight, text, negated)
        if _unmoving(clause) or (negated and (moves or _whole(clause, sight))):
            _refuse(reading, clause, sight, moves, text)
            reading.read.add(number)
            continue
        goes_on = [] if moves else carried(clause, reading.found, text) or sided(clause, text)
        moves = moves or goes_on
        if not moves:
            pending = _aside(reading, clause, number, times, pending, languages)
            continue
        when, pending = (
            (times.when, pending) if _own(times.when) else (_both(pending, times.when), When())
        )
        bind(moves, clause, when, reading, languages)
        for one in moves:
            if goes_on and one.speed is None and reading.found:
                one.speed = reading.found[-1].speed
            one.sentence = clause.sentence
            reading.taken.add(clause.items[one.at].start)
        if reading.found and meanwhile(clauses, number):
            moves[0].at_once = True
        if told_again(reading.found, moves[0]):
            reading.found.pop()
        reading.found.extend(moves)
        reading.read.add(number)
        sight.agent = Agent.CAMERA
    return reading


def _negates(clause: Clause, before: bool) -> bool:
    if clause.join == "without":
        return True
    if any(item.name("negation") == "words" for item in clause.items):
        return True
    return clause.join == "or" and before


def _whole(clause: Clause, sight: Sight) -> bool:
    """The camera itself is asked not to move: it, or a word for moving, and no family of its own."""
    named = clause.section == "camera" or any(
        item.name("camera") == "noun" or item.name("sure") == "travel" for item in clause.items
    )
    still = sight.agent is Agent.CAMERA and clause.join in ("same", "comma", "then", "or")
    moving = any(
        item.name("negation") == "move"
        or item.name("sure") == "travel"
        or "weak" in item.senses
        or item.motion == "motion.object"
        for item in clause.items
    )
    return (named or still) and moving


def _unmoving(clause: Clause) -> bool:
    """ "the camera does not move", where the whole phrase is in the lexicon."""
    named = clause.section == "camera" or any(
        item.name("camera") == "noun" for item in clause.items
    )
    return named and any(
        item.name("keep") == "states" and not {"sure", "verb"} & set(item.senses)
        for item in clause.items
    )


def _refuse(reading: Reading, clause: Clause, sight: Sight, moves: list[Found], text: str) -> None:
    """A negated clause: the whole camera stays, or just no such move."""
    start, end = clause.span
    words = text[start:end].strip()
    if _unmoving(clause) or (
        _whole(clause, sight)
        and not any(one.side or one.family not in ("travel", "turn") for one in moves)
    ):
        still = Found(
            "static", ("static",), words, clause.join, 0, whole=True, sentence=clause.sentence
        )
        still.when = read_times(clause.items).when
        reading.found.append(still)
        sight.agent = Agent.CAMERA
        return
    for one in moves:
        # "don't zoom" speaks of both ways
        every = () if one.side else families()[one.family].values()
        refused = (
            move for move in (*one.moves, *every) if move.partition("_")[0] in _kinds(one.moves)
        )
        reading.refused.extend(move for move in refused if move != "static")


def _kinds(moves: Sequence[str]) -> set[str]:
    return {move.partition("_")[0] for move in moves}


def _moves(clause: Clause, sight: Sight, text: str, negated: bool) -> list[Found]:
    """The moves of one clause, in order, by the table in moves.toml."""
    found: list[Found] = []
    triggers = list(
        islice(
            (at for at in range(len(clause.items)) if accepts(clause, at, sight, negated)),
            MOST_IN_A_CLAUSE,
        )
    )
    for order, at in enumerate(triggers):
        low = triggers[order - 1] + 1 if order else 0
        high = triggers[order + 1] if order + 1 < len(triggers) else len(clause.items)
        one = _move(clause, at, low, high, text, last=order + 1 == len(triggers))
        if one is not None:
            found.append(one)
    for one in found[1:]:
        one.join = "same"
    if len(found) == 1:
        whole = text[clause.items[0].start : clause.items[-1].end]
        found[0].clause = whole if len(whole) <= LONGEST_WORDS else ""
    return [
        one
        for place, one in enumerate(found)
        if not (place + 1 < len(found) and told_again(found[: place + 1], found[place + 1]))
    ]


def _move(clause: Clause, at: int, low: int, high: int, text: str, *, last: bool) -> Found | None:
    item = clause.items[at]
    name = item.name("sure") or item.name("verb") or item.name("weak")
    parts = [part.partition(".") for part in name.split("+")]
    family = parts[0][0]
    side, place = (
        (parts[0][2], at) if parts[0][2] else direction(clause.items, family, at, low, high)
    )
    table = families()[family]
    if not side and "default" not in table:
        return None
    moves = [table[side or "default"]]
    moves += [families()[part[0]][part[2] or "default"] for part in parts[1:]]
    begin, end = min(at, place), max(at, place)
    words = text[clause.items[begin].start : clause.items[end].end]
    sided = family in ("pan", "orbit", "truck", "tilt", "roll", "pedestal")
    return Found(
        family,
        tuple(moves),
        words,
        clause.join,
        at,
        side=side,
        defaulted=(not side and sided and item.words[0] not in ("dutch", "canted"))
        or len(parts) > 1,
    )


def direction(items: Sequence[Item], family: str, at: int, low: int, high: int) -> tuple[str, int]:
    """The side that goes with the verb at `at`: the first after it, else the nearest before it."""
    table = families()[family]
    for place in range(at + 1, high):
        name = items[place].name("direction")
        if name in table:
            return name, place
        if (
            items[place].motion
            and family not in ("truck", "travel")
            and "weak" not in items[place].senses
        ):
            break
    for place in range(at - 1, low - 1, -1):
        name = items[place].name("direction")
        if name in table:
            return name, place
    return "", at


def _aside(
    reading: Reading,
    clause: Clause,
    number: int,
    times: Read,
    pending: When,
    languages: tuple[str, ...],
) -> When:
    """A clause without a move: a time or a speed that belongs to a neighbour, or nothing read."""
    bare = not any(item.unknown or item.motion for item in clause.items)
    before = reading.found[-1] if reading.found else None
    if bare and before is not None:
        speed = next((item.name("speed") for item in clause.items if item.name("speed")), "")
        if speed and before.speed is None:
            for one in reading.found:
                one.speed = one.speed or speed_of(speed)
            reading.read.add(number)
        amounts = read_amounts(clause.items)
        if amounts and before.amount is None and before.sentence == clause.sentence:
            before.amount = amounts[0]
            reading.read.add(number)
        if times.when.length and not before.when and before.sentence == clause.sentence:
            before.when = times.when
            reading.read.add(number)
            return pending
    if times.when and (bare or clause.items[-1].kind == "mark"):
        reading.read.add(number)
        return times.when
    if _about_camera(clause):
        reading.unread.append(number)
    return pending if clause.join not in ("stop", "start") else When()


def _about_camera(clause: Clause) -> bool:
    """Whether the clause asks something of the camera, which stands first in it."""
    if any(item.name("negation") == "words" for item in clause.items):
        return False
    asked = any(
        item.unknown or "weak" in item.senses or "verb" in item.senses for item in clause.items
    )
    if clause.section == "camera":
        return asked
    first = next(
        (item for item in clause.items if item.unknown or item.name("camera") == "noun"), None
    )
    return (
        asked
        and first is not None
        and first.name("camera") == "noun"
        and first.words[-1][:3] in _CAMERAS
    )


_CAMERAS = ("cam", "kam", "镜", "摄", "相")


def _own(when: When) -> bool:
    return bool(when) and when.place not in ("start", "end")


def _both(pending: When, own: When) -> When:
    return pending or own
