"""Reads what moves in the picture: who or what, how, which way, and why."""

from __future__ import annotations

from collections.abc import Sequence, Set

from mutoscope.direction.clauses import Clause
from mutoscope.direction.lexicon import FINITE, PARTICIPLE
from mutoscope.direction.model import Group, Motion, Speed
from mutoscope.direction.phrases import Item

_LONGEST_TARGET = 4  # words
MOST = 64


def read_motion(
    clauses: Sequence[Clause], text: str, taken: Set[int] = frozenset()
) -> tuple[list[Motion], set[int]]:
    """The motions in order, and the clauses that they were read from. `taken`: where the camera's
    verbs stand in the text."""
    found: list[Motion] = []
    read: set[int] = set()
    subject = ""
    for number, clause in enumerate(clauses):
        if clause.section in ("camera", "sound", "style", "keep", "change"):
            continue
        if clause.new_sentence:
            subject = ""
        negated = clause.join == "without" or any(
            item.name("negation") == "words" for item in clause.items
        )
        if negated:
            subject = _named(clause, text) or subject
            continue
        before = len(found)
        noun = ""
        for at, item in enumerate(clause.items):
            if len(found) >= MOST:
                return found, read
            if item.name("camera") == "noun":
                break  # what follows is the camera's
            if "sound" in item.senses and not item.motion:
                break  # what follows is heard: "the sound of rain"
            if _thing_that_moves(clause.items, at):
                noun = text[item.start : item.end]
                continue
            if item.start in taken or not _moves(clause.items, at):
                continue
            if _is_noun(clause.items, at):
                noun = text[item.start : item.end]
                continue
            target = noun or _target(clause.items, at, text) or subject
            if clause.section in ("background", "foreground") and not target:
                target = clause.section
            if not target and item.motion in ("motion.object", "motion.people"):
                continue
            found.append(_motion(clause.items, at, target, text))
            subject = target
            read.add(number)
        if len(found) == before:
            subject = _named(clause, text) or subject
    return found, read


def _named(clause: Clause, text: str) -> str:
    """Whom a clause without a motion speaks of: its last noun, else its pronoun."""
    for item in reversed(clause.items):
        if not item.senses and item.kind == "word":
            return text[item.start : item.end]
    pronoun = next((item for item in clause.items if item.name("camera") == "pronoun"), None)
    thing = next((item for item in clause.items if item.unknown), None)
    one = pronoun or thing
    return text[one.start : one.end] if one else ""


def _moves(items: Sequence[Item], at: int) -> bool:
    item = items[at]
    if not item.motion:
        return False
    form = item.senses[item.motion].form
    if item.motion in ("motion.light", "motion.nature"):
        return True
    if form in (FINITE, PARTICIPLE):
        return True
    if item.words[0] >= "㐀":  # Chinese has one form for all
        return True
    # the base form needs somebody: "the leaves fall", "make the ball bounce", "rotate the product"
    if any(one.unknown for one in items[:at]):
        return True
    told = at + 2 < len(items) and "article" in items[at + 1].senses and _thing(items[at + 2])
    return told and item.motion == "motion.object"


def _thing_that_moves(items: Sequence[Item], at: int) -> bool:
    """ "the drop bounces": a verb's base form after an article, before a verb, is who."""
    if not 0 < at < len(items) - 1 or not items[at].motion:
        return False
    form = items[at].senses[items[at].motion].form
    return (
        form not in (FINITE, PARTICIPLE)
        and items[at].words[0] < "㐀"
        and "article" in items[at - 1].senses
        and bool(items[at + 1].motion)
        and items[at + 1].senses[items[at + 1].motion].form == FINITE
    )


def _is_noun(items: Sequence[Item], at: int) -> bool:
    """ "waves crash": of two verbs in a row with nobody before them, the first is who."""
    following = items[at + 1] if at + 1 < len(items) else None
    twice = following is not None and bool(following.motion)
    finite = items[at].senses[items[at].motion].form == FINITE
    return twice and finite and not any(_thing(one) for one in items[:at])


def _motion(items: Sequence[Item], at: int, target: str, text: str) -> Motion:
    item = items[at]
    group: Group = item.motion.removeprefix("motion.")  # type: ignore[assignment]
    direction = ""
    for one in (*items[at + 1 :], *items[:at]):
        if one.name("direction"):
            direction = one.name("direction")
            break
    speed = next((one.name("speed") for one in items if one.name("speed")), "normal")
    said: Speed = "slow" if speed == "slow" else "fast" if speed == "fast" else "normal"
    return Motion(
        kind=item.name(item.motion),
        group=group,
        target=target,
        direction={"cw": "clockwise", "ccw": "counterclockwise"}.get(direction, direction),
        speed=said,
        cause=_cause(items, text),
        words=text[items[0].start : items[-1].end][:200],
    )


def _cause(items: Sequence[Item], text: str) -> str:
    """ "wind from the left": the cause, and where it comes from."""
    at = next((at for at, item in enumerate(items) if item.name("cause")), None)
    if at is None:
        return ""
    origin = (one for one in items[at + 1 : at + 4] if one.words[0] in _FROM)
    end = next(origin, items[at]).end
    words = text[items[at].start : end].lower().split()
    while len(words) > 1 and words[0] in _LEAD:
        words.pop(0)
    return " ".join(words)


_LEAD = frozenset(["in", "the", "a", "by", "im", "vom", "i", "af", "der"])
_FROM = ("from", "von", "fra")


def _target(items: Sequence[Item], at: int, text: str) -> str:
    """The nearest noun phrase before the verb, else what follows it ("swaying trees")."""
    end = at
    while end > 0 and not _thing(items[end - 1]):
        end -= 1
    start = end
    while start > 0 and _thing(items[start - 1]) and end - start < _LONGEST_TARGET:
        start -= 1
    if start == end:
        return _after(items, at, text)
    return text[items[start].start : items[end - 1].end]


def _thing(item: Item) -> bool:
    return item.unknown and not item.motion


def _after(items: Sequence[Item], at: int, text: str) -> str:
    start = at + 1
    while start < len(items) and not items[start].unknown:
        if items[start].name("direction") or items[start].motion:
            return ""
        start += 1
    end = start
    while (
        end < len(items)
        and _thing(items[end])
        and "scene" not in items[end].senses
        and end - start < 2
    ):
        end += 1
    return text[items[start].start : items[end - 1].end] if end > start else ""
