"""Reads what a prompt says beside the moves: lens, style, sound, what stays, first frame, loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from mutoscope.direction.clauses import Clause
from mutoscope.direction.model import Lens
from mutoscope.direction.phrases import Item

MOST = 32


class Asides(msgspec.Struct):
    """See the module. `read` holds the clauses that said one of these things."""

    lens: Lens = msgspec.field(default_factory=Lens)
    style: Literal["", "natural", "stop_motion"] = ""
    first_frame: bool = False
    loop: bool = False
    sound: list[str] = msgspec.field(default_factory=list)
    keep: list[str] = msgspec.field(default_factory=list)
    vague: str = ""
    read: set[int] = msgspec.field(default_factory=set)


def read_asides(clauses: Sequence[Clause], text: str) -> Asides:
    """Everything of the prompt that is neither camera nor motion and can still be honoured."""
    found = Asides()
    focal: float | None = None
    focus: Literal["", "shallow", "deep"] = ""
    heard = -2  # the number of the last clause of sound
    for number, clause in enumerate(clauses):
        words = text[slice(*clause.span)].strip()
        cued = clause.section == "sound" or any("sound" in item.senses for item in clause.items)
        if cued or (number - 1 == heard and _heard_too(clause, words)):
            _add(found.sound, words)
            found.read.add(number)
            heard = number
        for at, item in enumerate(clause.items):
            named = item.name("lens")
            if named == "mm" and at and 5 <= clause.items[at - 1].number <= 1200:
                focal = clause.items[at - 1].number
            elif named.startswith("focal_"):
                focal = focal or float(named.removeprefix("focal_"))
            elif named in ("shallow", "deep"):
                focus = "shallow" if named == "shallow" else "deep"
            if item.name("style"):
                found.style = "stop_motion" if item.name("style") == "stop_motion" else "natural"
            found.first_frame |= "first_frame" in item.senses
            found.loop |= item.name("loop") == "phrases" and not _refused(clause.items, at)
            if item.name("vague"):
                found.vague = found.vague or text[item.start : item.end]
            if {"lens", "style", "first_frame", "loop", "vague"} & set(item.senses):
                found.read.add(number)
        if clause.section == "keep":
            _add(found.keep, words)
            found.read.add(number)
        elif _keeps(clause):
            _add(found.keep, _kept(clause, text))
            found.read.add(number)
    found.lens = Lens(focal_mm=focal, focus=focus)
    return found


def _heard_too(clause: Clause, words: str) -> bool:
    """ "the sound of rain and distant thunder": what is joined to a sound, and is one that is known."""
    if clause.new_sentence or clause.join != "same" or any(item.motion for item in clause.items):
        return False
    if any({"sure", "verb", "camera", "time"} & set(item.senses) for item in clause.items):
        return False
    from mutoscope.sound.cues import read

    return read(words).meaning in ("made", "music", "speech", "other")


def _add(held: list[str], words: str) -> None:
    if words and words not in held and len(held) < MOST:
        held.append(words[:200])


def _refused(items: Sequence[Item], at: int) -> bool:
    return any(item.name("negation") == "words" for item in items[:at])


def _keeps(clause: Clause) -> bool:
    """ "keeping the product in the centre", "background: stays still"; never the camera itself."""
    if clause.section == "camera" or any(item.name("camera") == "noun" for item in clause.items):
        return False
    if any(item.name("keep") == "states" for item in clause.items):
        return bool(clause.section) or any(
            item.unknown or item.name("layer") for item in clause.items
        )
    first = next((item for item in clause.items if item.name("keep") == "verbs"), None)
    if first is None or "sure" in first.senses:
        return False
    if clause.items[0] is not first and clause.join != "without":
        return False
    timed = any(item.name("time") == "seconds" for item in clause.items)
    return not timed and any(item.unknown or item.name("layer") for item in clause.items)


def _kept(clause: Clause, text: str) -> str:
    state = next((item for item in clause.items if item.name("keep") == "states"), None)
    verb = next((item for item in clause.items if item.name("keep") == "verbs"), None)
    start, end = clause.span
    if state is not None:
        begin = verb.end if verb is not None and verb.end <= state.start else start
        words = text[begin : state.start].strip()
        return words or clause.section
    return text[verb.end : end].strip() if verb else text[start:end].strip()
