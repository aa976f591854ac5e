"""Reads times and amounts in a clause: "for the first 2 seconds", "0-3 s", "about 6 degrees"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from mutoscope.direction.phrases import Item

_UNIT = {"seconds": 1.0, "minutes": 60.0, "frames_ms": 0.001}


class When(msgspec.Struct, frozen=True):
    """When something is asked to happen. Seconds, but for `share` and the words of the clip's ends."""

    start: float | None = None
    end: float | None = None
    length: float | None = None
    last: float | None = None  # the last so many seconds
    share: float | None = None  # of the clip
    after: bool = False  # in its second half, where `share` is set
    place: str = ""  # "start", "end", "rest"

    def __bool__(self) -> bool:
        return self != When()


class Read(msgspec.Struct, frozen=True):
    """What a clause says of times; `items` are the places of the items that say it."""

    when: When
    clip: float | None = None  # "a 6-second clip"
    items: frozenset[int] = frozenset()


class Amount(msgspec.Struct, frozen=True):
    """A number with what it counts: "degrees", "percent", "times" or "metres"."""

    value: float
    unit: str
    at: int  # the item's place in the clause


def read_times(items: Sequence[Item]) -> Read:
    """The times of a clause, and the clip's length where it is named."""
    when, clip = When(), None
    used: set[int] = set()
    for at, item in enumerate(items):
        name = item.name("time")
        place = _PLACES.get(name)
        if place is not None:
            when = place(when)
            used.add(at)
            continue
        seconds = _seconds(items, at)
        if seconds is None:
            timecode = _timecodes(items, at)
            if timecode:
                when = msgspec.structs.replace(when, start=timecode[0], end=timecode[1])
                used.update(range(at, at + 3))
            continue
        value, length = seconds
        first, before = _range_start(items, at)
        start = at if first is None else before
        used.update(range(start, at + length))
        lead = items[start - 1].name("time") if start else ""
        follow = items[at + length].name("time") if at + length < len(items) else ""
        if first is not None:
            when = msgspec.structs.replace(when, start=first, end=value)
        elif follow == "clip" or (follow == "" and _long(items, at + length)):
            clip = value
            used.add(at + length)
        elif follow == "later" or lead in ("at", "after"):
            when = msgspec.structs.replace(when, start=value)
        elif lead == "first":
            when = msgspec.structs.replace(when, start=0.0, end=value)
        elif lead == "last":
            when = msgspec.structs.replace(when, last=value)
        elif lead == "to":
            when = msgspec.structs.replace(when, end=value)
        elif lead == "from":
            when = msgspec.structs.replace(when, start=value)
        elif value > 0:
            when = msgspec.structs.replace(when, length=value)
        if lead:
            used.add(start - 1)
    return Read(when, clip, frozenset(used))


_PLACES: dict[str, Callable[[When], When]] = {
    "half": lambda when: msgspec.structs.replace(when, share=0.5),
    "first_half": lambda when: msgspec.structs.replace(when, share=0.5, place="start"),
    "second_half": lambda when: msgspec.structs.replace(when, share=0.5, after=True),
    "start": lambda when: msgspec.structs.replace(when, place=when.place or "start"),
    "end": lambda when: msgspec.structs.replace(when, place=when.place or "end"),
    "rest": lambda when: msgspec.structs.replace(when, place="rest"),
}


def _seconds(items: Sequence[Item], at: int) -> tuple[float, int] | None:
    """Seconds and how many items say them, for a number with a unit, or "first second"."""
    item = items[at]
    following = items[at + 1] if at + 1 < len(items) else None
    if (item.kind == "number" or "numbers" in item.senses) and following is not None:
        unit = _UNIT.get(following.name("time"))
        if unit is not None:
            return item.number * unit, 2
        if item.words[-1].endswith("half") and following.name("time") == "seconds":
            return item.number, 2
    if item.name("time") == "seconds" and len(item.words[0]) > 2 and at:
        lead = items[at - 1]
        if lead.name("time") in ("first", "last", "at"):
            if following is not None and following.kind == "number":
                return following.number, 2  # "at second 3"
            return 1.0, 1
    return None


def _range_start(items: Sequence[Item], at: int) -> tuple[float | None, int]:
    """The first number of "0-3 s", "from 0 to 3 s", "0s - 3s", and its place."""
    back = at - 1
    if back < 1:
        return None, at
    joined = items[back].words[0][0] in "-–—~" or items[back].name("time") == "to"
    joined = joined or (items[back].name("join") == "same" and back >= 2)
    if not joined:
        return None, at
    back -= 1
    if items[back].name("time") == "seconds":
        back -= 1
    if back >= 0 and (items[back].kind == "number" or "numbers" in items[back].senses):
        return items[back].number, back
    return None, at


def _timecodes(items: Sequence[Item], at: int) -> tuple[float, float] | None:
    """ "0:00-0:03", without a unit."""
    if at + 2 >= len(items) or items[at].kind != "number" or items[at + 2].kind != "number":
        return None
    dash = items[at + 1].words[0][0] in "-–—~" or items[at + 1].name("time") == "to"
    codes = items[at + 2].end - items[at + 2].start >= 4  # "0:03"
    if dash and codes and items[at + 2].number > items[at].number:
        return items[at].number, items[at + 2].number
    return None


def _long(items: Sequence[Item], at: int) -> bool:
    """ "8 seconds cinematic clip": one word may stand between."""
    return at + 1 < len(items) and items[at + 1].name("time") == "clip" and not items[at].unknown


def read_amounts(items: Sequence[Item]) -> list[Amount]:
    """The amounts of a clause, in order."""
    found: list[Amount] = []
    for at, item in enumerate(items):
        name = item.name("amount")
        if name.startswith("turns_"):
            found.append(Amount(float(name.removeprefix("turns_")), "degrees", at))
        elif name in ("degrees", "percent", "times", "metres") and at:
            before = items[at - 1]
            if before.kind == "number" or "numbers" in before.senses:
                found.append(Amount(before.number, name, at - 1))
    return found
