"""The characters of an order for a model: cut-outs as references where it takes them, else words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.characters.names import mention
from mutoscope.engines.base import CastMember, Instruction, Order

#: Pictures of one character that a model is given, where there is room.
MOST = 3


@dataclass(slots=True)
class Casted:
    """`prompt` with every character by its name; `references` are (file, whether it is a cut-out)."""

    prompt: str
    references: list[tuple[Path, bool]] = field(default_factory=list)
    said: list[Instruction] = field(default_factory=list)


def casted(order: Order, checkpoint: Checkpoint, taken: int) -> Casted:
    """The order's cast for a model that has been given `taken` references already."""
    made = Casted(order.shot.prompt)
    room = checkpoint.references - taken if "references" in checkpoint.conditions else 0
    shared = _shared(order, room)
    for name, member in order.cast.items():
        said, files = mention(name), shared[name]
        made.references += files
        described = " ".join(member.description.split())
        first = f"{member.name} ({described})" if described else member.name
        made.prompt, found = _named(made.prompt, said, member.name, first)
        if not found:
            made.prompt = _with(made.prompt, first)
        made.said.append(_told(said, len(files), bool(described), checkpoint, room))
        if member.strength < 1.0:
            how = "the form in which this model takes the character has no strength"
            made.said.append(
                Instruction(f"{said} strength {member.strength:g}", "not_possible", how)
            )
    return made


def _shared(order: Order, room: int) -> dict[str, list[tuple[Path, bool]]]:
    """The pictures of each: the best of every character first, then the second ones."""
    given: dict[str, list[tuple[Path, bool]]] = {name: [] for name in order.cast}
    for turn in range(MOST):
        for name, member in order.cast.items():
            files = _files(member)
            if room > 0 and turn < len(files):
                given[name].append(files[turn])
                room -= 1
    return given


def _files(member: CastMember) -> list[tuple[Path, bool]]:
    if member.cutouts:
        return [(path, True) for path in member.cutouts]
    return [(path, False) for path in member.pictures]


def _told(said: str, count: int, described: bool, checkpoint: Checkpoint, room: int) -> Instruction:
    words = ", its description in words" if described else ""
    if count:
        many = (
            "1 reference picture of it was"
            if count == 1
            else f"{count} reference pictures of it were"
        )
        return Instruction(said, "approximated", f"{many} given to the model{words}")
    if "references" not in checkpoint.conditions:
        lacks = "this model takes no reference pictures"
    elif room <= 0:
        lacks = (
            f"this model takes {checkpoint.references} reference pictures, which are given already"
        )
    else:
        lacks = "there is no reference picture of it that there is room for"
    if described:
        how = f"its description was written into the prompt: {lacks}"
        return Instruction(said, "approximated", how)
    how = f"its name alone is in the prompt: {lacks}, and it has no description to be told by"
    return Instruction(said, "not_possible", how)


def _named(prompt: str, said: str, name: str, first: str) -> tuple[str, bool]:
    """The prompt with `name` in place of every mention, `first` in place of the first one."""
    pattern = re.compile(re.escape(said) + r"(?!\w)")
    if not pattern.search(prompt):
        return prompt, False
    once = pattern.sub(lambda _: first, prompt, count=1)
    return pattern.sub(lambda _: name, once), True


def _with(prompt: str, who: str) -> str:
    """The prompt, and who else is in the picture."""
    plain = prompt.rstrip()
    stop = "" if not plain or plain[-1] in ".!?。！？" else "."
    return f"{plain}{stop} With {who}.".strip()


def plain(order: Order, words: str) -> str:
    """Words of the prompt with the characters' names in place of their mentions."""
    for said, name in _mentions(order):
        words = re.sub(re.escape(said) + r"(?!\w)", lambda _, name=name: name, words)  # type: ignore[misc]
    return words


def _mentions(order: Order) -> Iterator[tuple[str, str]]:
    for name, member in order.cast.items():
        yield mention(name), member.name
