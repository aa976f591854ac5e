"""Placeholders in a workflow: `{{prompt}}`, `{{seed|42}}`, `{{last_frame?}}`.

================== =================================================================================
`{{name}}`         the shot's value; a file must be there
`{{name|other}}`   `other` where the shot says nothing; for a file: a file of ComfyUI's input folder, or the
                   name of another placeholder of a file
`{{name?}}`        of files alone: without it, its node and what cannot do without that node are left out
================== =================================================================================

A text that is one placeholder becomes the value, a number a number; among other words it is written out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from mutoscope.catalog.rules import listed

Sort = Literal["text", "whole", "number", "switch", "picture", "film", "sound", "tier"]

#: Placeholder → what it stands for.
VALUES: dict[str, Sort] = {
    "prompt": "text", "negative": "text", "name": "text", "size": "text",
    "seed": "whole", "width": "whole", "height": "whole", "frames": "whole",
    "fps": "number", "seconds": "number", "strength": "number",
    "sound": "switch", "loop": "switch",
    "first_frame": "picture", "last_frame": "picture",
    "source": "film", "reference_film": "film", "music": "sound", "voice": "sound",
}  # fmt: skip
#: The same for those with a number, from 1: `frame_1` a picture, `frame_1_at` the frame it stands at.
NUMBERED: dict[str, Sort] = {
    "frame_{}": "picture", "frame_{}_at": "whole", "reference_{}": "picture", "mask_{}": "picture",
}  # fmt: skip
#: Other names for the same.
ALIASES = {"negative_prompt": "negative", "image": "first_frame", "video": "source"}
FILES: tuple[Sort, ...] = ("picture", "film", "sound")

_MARK = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*(\?)?\s*(?:\|([^{}]*))?\}\}")


@dataclass(frozen=True, slots=True)
class Place:
    """A placeholder where it stands: `input` of `node`. `default` None: it has none."""

    name: str
    sort: Sort
    node: str
    input: str
    default: str | None = None
    optional: bool = False
    alone: bool = True  # it is all of the text

    @property
    def file(self) -> bool:
        return self.sort in FILES


class Strange(Exception):
    """A placeholder that cannot be used; the message finishes a sentence that begins with the graph."""


def sort_of(name: str, tiers: frozenset[str]) -> Sort | None:
    """What a placeholder stands for; None for a name that is none. `tiers`: names that the graph's own
    table gives values for each quality."""
    if name in tiers:
        return "tier"
    if name in VALUES:
        return VALUES[name]
    numbered = re.fullmatch(r"([a-z]+)_([1-9]\d?)(_at)?", name)
    if numbered is None:
        return None
    return NUMBERED.get(f"{numbered[1]}_{{}}{numbered[3] or ''}")


def places(node: str, input: str, value: Any, tiers: frozenset[str]) -> Iterator[Place]:
    """The placeholders in an input's value, also deep in lists and objects. Raises Strange."""
    if isinstance(value, str):
        for found in _MARK.finditer(value):
            yield _place(found, value, node, input, tiers)
    elif isinstance(value, list):
        for one in value:
            yield from places(node, input, one, tiers)
    elif isinstance(value, dict):
        for one in value.values():
            yield from places(node, input, one, tiers)


def _place(found: re.Match[str], text: str, node: str, input: str, tiers: frozenset[str]) -> Place:
    name = canonical(found[1])
    sort = sort_of(name, tiers)
    if sort is None:
        known = [*VALUES, "frame_1", "reference_1", "mask_1", *ALIASES, *sorted(tiers)]
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {listed(known)}"
        raise Strange(f"has an unknown placeholder {found[0]} in node {node}, {input}; {hint}")
    alone = found[0] == text.strip()
    place = Place(name, sort, node, input, found[3], bool(found[2]), alone)
    if place.optional and not place.file:
        raise Strange(
            f"has {found[0]} in node {node}; only files can be left out, a value has a default: "
            f"{{{{{name}|...}}}}"
        )
    if place.file and not alone:
        raise Strange(f"has {found[0]} among other words in node {node}; a file stands by itself")
    return place


def canonical(name: str) -> str:
    """The one name of a placeholder."""
    return ALIASES.get(name.lower(), name.lower())


class Values:
    """What is known for a shot: `known` values by placeholder, of which those in `quiet` were not asked for,
    so that a default goes before them."""

    def __init__(self, known: Mapping[str, Any], quiet: Collection[str] = ()) -> None:
        self.known = known
        self.quiet = quiet

    def filled(self, value: Any) -> Any:
        """An input's value with what is known in its placeholders' place."""
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        if not isinstance(value, str):
            return value
        whole = _MARK.fullmatch(value.strip())
        if whole is not None:
            return self._of(whole)
        return _MARK.sub(lambda found: _written(self._of(found)), value)

    def _of(self, found: re.Match[str]) -> Any:
        name, default = canonical(found[1]), found[3]
        if default is None or (name in self.known and name not in self.quiet):
            return self.known.get(name)
        other = canonical(default.strip())
        return self.known[other] if other in self.known else _read(default.strip())


def _read(text: str) -> Any:
    """A default as it is meant: a number, true or false, or words."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
