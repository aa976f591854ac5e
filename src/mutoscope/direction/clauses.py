"""Cuts a prompt's items into clauses, each with the word or mark that joins it to the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from mutoscope.direction.phrases import Item

#: start: of the prompt; stop: a new sentence; colon: after a header or a time
Join = Literal["start", "stop", "comma", "colon", "then", "same", "break", "without", "or"]
_MARKS: dict[str, Join] = {
    **dict.fromkeys(".!?…;\n\r。！？；|", "stop"),
    **dict.fromkeys(",，、()[]（）【】·/", "comma"),
    **dict.fromkeys(":：", "colon"),
    **dict.fromkeys("+&", "same"),
}
#: A longer clause is cut: nobody writes one, and the time to read a clause grows with its square.
MOST_ITEMS = 40


class Clause(msgspec.Struct):
    """`section` is the header it stands under ("camera", "background", …), "" under none."""

    join: Join
    items: list[Item] = msgspec.field(default_factory=list)
    section: str = ""
    sentence: int = 0
    new_sentence: bool = False
    opener: str = ""  # the joining word that a sentence begins with: "while …, zoom in"

    @property
    def span(self) -> tuple[int, int]:
        return (self.items[0].start, self.items[-1].end) if self.items else (0, 0)


def clauses(items: list[Item]) -> list[Clause]:
    """The clauses in order, empty ones left out."""
    found: list[Clause] = []
    sentence, section = 0, ""
    for clause in _cut(items):
        if clause.new_sentence:
            sentence, section = sentence + 1, ""
        header = _header(clause.items)
        if header:
            section = header
            clause.items = []
        clause.sentence, clause.section = sentence, section
        if clause.items:
            found.append(clause)
    return found


def _header(items: list[Item]) -> str:
    """The section that a clause opens when nothing but a header and a colon stand in it."""
    if len(items) >= 2 and items[-1].words in ((":",), ("：",)):
        named = [item.name("header") for item in items[:-1] if item.name("header")]
        others = [item for item in items[:-1] if not item.name("header") and item.unknown]
        if named and not others and len(items) <= 4:
            return named[0]
    return ""


def _cut(items: list[Item]) -> Iterator[Clause]:
    clause = Clause("start")
    for at, item in enumerate(items):
        join = _join(items, at)
        if join == "":
            clause.items.append(item)
            if len(clause.items) >= MOST_ITEMS:
                yield clause
                clause = Clause("comma")
            continue
        if join == "colon":
            clause.items.append(item)
        if clause.items:
            yield clause
            clause = Clause(join, new_sentence=join == "stop")
        elif join == "stop":
            clause.join, clause.new_sentence = join, True
        elif clause.join in ("start", "stop", "colon"):
            clause.opener = join
            if join in ("then", "without"):
                clause.join = join
        elif join not in ("comma", "colon"):
            clause.join = join  # of ", and then" the word says more than the comma
    if clause.items:
        yield clause


def _join(items: list[Item], at: int) -> Join | Literal[""]:
    item = items[at]
    before = items[at - 1] if at else None
    after = items[at + 1] if at + 1 < len(items) else None
    if item.kind == "mark":
        mark = item.words[0]
        if mark[0] in "-–—~":
            return "" if _numbers(before, after) else "comma"
        return _MARKS.get(mark, "")
    name = item.name("join")
    if not name:
        return ""
    if _numbers(before, after) or _counts(item, after):
        return ""
    return name  # type: ignore[return-value]


def _numbers(before: Item | None, after: Item | None) -> bool:
    """Between two numbers: "2-4 s", "between 2 and 4"; the first may carry its unit ("0s-3s")."""
    if after is None or before is None or not _is_number(after):
        return False
    return _is_number(before) or before.name("time") == "seconds"


def _counts(item: Item, after: Item | None) -> bool:
    """ "first 2 seconds" and "until 3 s" are times and join nothing."""
    return after is not None and bool(item.name("time")) and _is_number(after)


def _is_number(item: Item) -> bool:
    return item.kind == "number" or "numbers" in item.senses


def sentences(found: Iterable[Clause]) -> Iterator[list[Clause]]:
    """The clauses, gathered by sentence."""
    group: list[Clause] = []
    for clause in found:
        if group and clause.sentence != group[-1].sentence:
            yield group
            group = []
        group.append(clause)
    if group:
        yield group
