"""Reads what a prompt asks of a film that is there: its grade, its speed, its shape.

Each edit is a phrase of the lexicons; the words around it in its clause say how much ("slightly",
"20 percent", "2x") and, where it was asked for one thing alone, of what ("make the sky warmer").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from mutoscope.direction.clauses import Clause
from mutoscope.direction.model import Degree, Edit, EditName
from mutoscope.direction.phrases import Item
from mutoscope.direction.times import Amount, read_amounts

MOST = 32
#: Of a speed: what more than this would be cannot be meant.
_MOST_TIMES = 100.0
_LONGEST_TARGET = 4  # words
#: Words that a camera's or a motion's speed is said with, too.
_PACE = ("slower", "faster")


class Changed(msgspec.Struct):
    """The edits of a prompt, and its `clauses` without the words that they were read from; `read`:
    which of those said an edit; `refused`: edits that are asked not to be."""

    clauses: list[Clause]
    edits: list[Edit] = msgspec.field(default_factory=list)
    refused: list[str] = msgspec.field(default_factory=list)
    read: set[int] = msgspec.field(default_factory=set)


def read_edits(clauses: Sequence[Clause], text: str, *, film: bool = True) -> Changed:
    """The edits in the order that they are named. Without a `film` those are looks alone, and what else a
    clause says is a description, not what is to be changed."""
    found = Changed([])
    for clause in clauses:
        places = [at for at in range(len(clause.items)) if _edits(clause, at)]
        if not places or clause.section in ("sound", "keep"):
            found.clauses.append(clause)
            continue
        negated = clause.join == "without" or any(
            item.name("negation") == "words" for item in clause.items[: places[0]]
        )
        made = _made(clause, places, text)
        if negated:
            found.refused.extend(edit.edit for edit in made)
        else:
            found.edits.extend(
                one if film else msgspec.structs.replace(one, target="")
                for one in made[: MOST - len(found.edits)]
            )
        if _speaks_on(clause) or (not film and any(item.unknown for item in clause.items)):
            found.read.add(len(found.clauses))
            clause.items = [one for at, one in enumerate(clause.items) if at not in places]
            found.clauses.append(clause)
    return found


def _edits(clause: Clause, at: int) -> bool:
    item = clause.items[at]
    name = item.name("edit").partition(".")[0]
    if name == "rate":
        return any(amount.at < at for amount in _rates(clause))
    if name in _PACE and len(item.words) == 1:
        return not _speaks_on(clause)  # "zoom in slower", "the trees sway faster"
    return bool(name)


def _speaks_on(clause: Clause) -> bool:
    """Something else than edits is in it: a move, or a motion."""
    if clause.section == "camera":
        return True
    others = [item for item in clause.items if "edit" not in item.senses]
    return any(
        {"sure", "verb", "first_frame"} & set(item.senses) or _moving(item, clause)
        for item in others
    )


def _moving(item: Item, clause: Clause) -> bool:
    return bool(item.motion) and item.motion != "motion.light" and _thing(clause) != ""


def _rates(clause: Clause) -> list[Amount]:
    items = clause.items
    bare = [  # "2 倍速"
        Amount(before.number, "times", at)
        for at, (before, item) in enumerate(pairwise(items))
        if item.name("edit") == "rate" and (before.kind == "number" or "numbers" in before.senses)
    ]
    return bare + [one for one in read_amounts(items) if one.unit in ("times", "percent")]


def _made(clause: Clause, places: list[int], text: str) -> list[Edit]:
    items, amounts = clause.items, _rates(clause)
    target = _thing(clause)
    made: list[Edit] = []
    for order, at in enumerate(places):
        low = places[order - 1] + 1 if order else 0
        high = places[order + 1] if order + 1 < len(places) else len(items)
        before = range(at - 1, low - 1, -1)
        own = [one for one in amounts if low <= one.at < high]
        # what stands before belongs to it; what follows too, where no other edit claims it
        amount = min(own, key=lambda one: abs(one.at - at)) if own else None
        after = range(at + 1, high) if order + 1 == len(places) else range(0)
        told = next((i for i in (*before, *after) if items[i].name("degree")), None)
        degree = items[told].name("degree") if told is not None else ""
        said: Degree = "slight" if degree == "slight" else "strong" if degree else "normal"
        used = [at] if amount is None else [at, amount.at, amount.at + 1]
        if told is not None and abs(told - at) == 1:
            used.append(told)
        begin, end = min(used), max(used)
        words = text[items[begin].start : items[min(end, len(items) - 1)].end]
        edit = _edit(items[at].name("edit"), amount, said, words)
        if edit is not None:
            made.append(msgspec.structs.replace(edit, target=target))
    return made


def _edit(name: str, amount: Amount | None, degree: Degree, words: str) -> Edit | None:
    kind, _, given = name.partition(".")
    if kind == "look":
        return Edit(edit="look", look=given, degree=degree, words=words)
    if kind == "reframe":
        return Edit(edit="reframe", shape=given, words=words)
    if kind in ("faster", "slower", "rate"):
        times = _times(kind, amount) or (float(given) if given else None)
        if times is None:
            return Edit(edit=kind, degree=degree, words=words) if kind != "rate" else None  # type: ignore[arg-type]
        way: EditName = "slower" if kind == "slower" else "faster"
        if times < 1:  # "at 0.5x speed", and a slower one that is faster
            way, times = ("faster" if way == "slower" else "slower"), 1 / times
        return Edit(edit=way, amount=min(times, _MOST_TIMES), words=words)
    part = amount.value / 100 if amount is not None and amount.unit == "percent" else None
    if part is not None and not 0 < part <= 10:
        part = None
    return Edit(edit=kind, degree=degree, amount=part, words=words)  # type: ignore[arg-type]


def _times(kind: str, amount: Amount | None) -> float | None:
    """How many times as fast (or slow, where it is "slower")."""
    if amount is None or amount.value <= 0:
        return None
    if amount.unit == "times":
        return amount.value
    part = amount.value / 100
    if kind == "rate":
        return part
    if kind == "slower":
        return 1 / (1 - part) if part < 0.99 else None
    return 1 + part


def _thing(clause: Clause) -> str:
    """What the edit was asked for, "" for the whole film: the first words that name something."""
    words: list[str] = []
    for item in clause.items:
        if item.unknown and not {"edit", "degree", "whole"} & set(item.senses):
            words.extend(item.words)
            if len(words) >= _LONGEST_TARGET:
                break
        elif words:
            break
    return " ".join(words[:_LONGEST_TARGET])
