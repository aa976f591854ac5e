"""Dream Machine's concepts: words for the camera, by key, and what is said of those that are no move."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from mutoscope.catalog.rules import listed
from mutoscope.dialects.shared.fields import structure, words, wrong_type
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Notice

STANDS = (
    "says where the camera stands or what is to be seen, not how it moves: its words are in the prompt, but "
    "a photograph is filmed from where it was taken"
)
MOST = 8  # concepts of one request


class Concept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`words` ask for it in a prompt; `says` is what becomes of it where that is another move; `stands`:
    it is a place of the camera's, no move."""

    words: str
    says: str = ""
    stands: bool = False


@cache
def concepts() -> dict[str, Concept]:
    """Every concept by its key."""
    text = resources.files(__package__).joinpath("concepts.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["concepts"], dict[str, Concept])


def read(field: str, value: Any) -> tuple[str, ...]:
    """The keys of `[{"key": ...}]`, or of a list of keys. BadInput for one that is none, with those near."""
    given = structure(field, value)
    if not isinstance(given, list):
        raise wrong_type(field, "an array of objects with a key", given)
    if len(given) > MOST:
        raise BadInput(f"{field} has {len(given)} items; {MOST} is the most", field=field)
    found: list[str] = []
    for place, one in enumerate(given):
        at = f"{field}[{place}].key"
        found.append(known(at, words(at, one.get("key") if isinstance(one, dict) else one)))
    return tuple(dict.fromkeys(found))


def known(field: str, key: str) -> str:
    """The key, if there is such a concept. BadInput."""
    if key in concepts():
        return key
    near = difflib.get_close_matches(key[:80].lower(), concepts(), n=3, cutoff=0.5)
    mend = f"did you mean {listed(near)}?" if near else "GET generations/concepts/list has them all"
    raise BadInput(
        f"{field} is {key[:80]!r}, which is no concept; {mend}",
        field=field,
        code="invalid_value",
        hint="the concepts are " + ", ".join(concepts()),
    )


def said(prompt: str, keys: Iterable[str]) -> str:
    """The prompt with the words of its concepts."""
    asked = [concepts()[key].words for key in keys]
    if not asked:
        return prompt
    begun = prompt.rstrip()
    if begun and begun[-1] not in ".!?。！？":
        begun += "."
    return " ".join([*([begun] if begun else []), *(f"{words}." for words in asked)])


def notices(keys: Iterable[str]) -> tuple[Notice, ...]:
    """What has to be said of concepts that are no moves, or become another."""
    return tuple(
        Notice(
            code="approximated",
            field="concepts",
            message=f"{key} {STANDS if one.stands else f'is no move of its own here: {one.says}'}",
        )
        for key, one in ((key, concepts()[key]) for key in keys)
        if one.stands or one.says
    )
