"""Form fields with bracket names → the nested value that the same request as JSON would hold.

::

    input_reference[image_url]=…       {"input_reference": {"image_url": …}}
    tags[]=a  tags[]=b                 {"tags": ["a", "b"]}
    characters[][id]=a  […][id]=b      {"characters": [{"id": "a"}, {"id": "b"}]}
    tags[0]=a  tags[1]=b               {"tags": ["a", "b"]}

In a list of objects a new object begins where a name comes that the last one has already; where each name
comes as often as there are objects, as Python's SDK sends them, the first of each are the first object's.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from mutoscope.server.errors import Refusal

MAX_DEPTH = 8
MAX_NAME = 256  # characters

_STEP = re.compile(r"\[([^\[\]]*)\]")


def nest(pairs: Iterable[tuple[str, Any]], several: Collection[str] = ()) -> dict[str, Any]:
    """The fields in the order they came. `Refusal` (400) for a name given twice or one that cannot be
    read. `several`: names that are lists, though they may come without brackets."""
    root: dict[str, Any] = {}
    for name, value in _by_object(list(pairs)):
        steps = [name, ""] if name in several else path(name)
        _put(root, steps, name, value)
    return {key: _lists(value) for key, value in root.items()}


def _by_object(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Pairs of lists of objects that come name by name, "x[][a] x[][a] x[][b] x[][b]", with the place of
    their object in the name: "x[0][a] x[1][a]". `Refusal` (400) where one object lacks a name of
    another's, for whose it is cannot be told."""
    lists: dict[str, list[str]] = {}
    for name, _ in pairs:
        head, mark, rest = name.partition("[][")
        if mark and "[]" not in rest:
            lists.setdefault(head, []).append(name)
    for head, names in lists.items():
        repeated = {one for one, next in itertools.pairwise(names) if one == next}
        if len(repeated) < 2:
            continue
        if len(set(Counter(names).values())) > 1:
            raise Refusal(
                f"which objects of {head} have which fields cannot be told from this form",
                param=head,
                code="ambiguous_parameter",
                hint=f"send {head} as JSON: as the form field's text, or with the whole body as "
                "application/json",
            )
        seen: dict[str, int] = dict.fromkeys(names, -1)
        for place, (name, value) in enumerate(pairs):
            if name in seen:
                at = seen[name] = seen[name] + 1
                pairs[place] = name.replace("[][", f"[{at}][", 1), value
    return pairs


def path(name: str) -> list[str]:
    """ "a[b][]" → ["a", "b", ""]."""
    if len(name) > MAX_NAME:
        raise _bad(name[:40] + "…", f"longer than {MAX_NAME} characters")
    head, bracket, rest = name.partition("[")
    if not head or "]" in head:
        raise _bad(name, "without a word at its start" if name else "empty")
    if not bracket:
        return [head]
    steps = _STEP.findall("[" + rest)
    if "".join(f"[{step}]" for step in steps) != "[" + rest:
        raise _bad(name, "with brackets that do not pair")
    if len(steps) >= MAX_DEPTH:
        raise _bad(name, f"nested more than {MAX_DEPTH} deep")
    return [head, *steps]


def _put(root: dict[str, Any], steps: list[str], name: str, value: Any) -> None:
    here: Any = root
    for place, step in enumerate(steps):
        rest = steps[place + 1 :]
        if not rest:
            _leaf(here, step, name, value)
            return
        here = _down(here, step, rest, name)


def _leaf(here: Any, step: str, name: str, value: Any) -> None:
    if isinstance(here, list):
        here.append(value)
    elif step in here:
        raise Refusal(
            f"{name} is given more than once; give it once",
            param=name,
            code="duplicate_parameter",
            hint="a list is written with brackets: tags[]=a, tags[]=b",
        )
    else:
        here[step] = value


def _down(here: Any, step: str, rest: list[str], name: str) -> Any:
    """The container that `step` leads to, made where it is not there yet."""
    kind: type = list if rest[0] == "" else dict
    if isinstance(here, list):  # "x[]" that goes on: into the last object, or a new one
        if not here or not isinstance(here[-1], kind) or _taken(here[-1], rest):
            here.append(kind())
        return here[-1]
    found = here.setdefault(step, kind())
    if not isinstance(found, kind):
        raise Refusal(
            f"{name} does not fit what came before: {step} was given another way already",
            param=name,
            code="duplicate_parameter",
        )
    return found


def _taken(here: Any, rest: list[str]) -> bool:
    """Whether the object has a value already where `rest` leads."""
    for step in rest:
        if not isinstance(here, dict):
            return False
        if step not in here:
            return False
        here = here[step]
    return not isinstance(here, dict | list)


def _lists(value: Any) -> Any:
    """Objects whose names count 0, 1, 2 … are lists."""
    if isinstance(value, list):
        return [_lists(item) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(item) for key, item in value.items()}
    if inner and all(key == str(place) for place, key in enumerate(inner)):
        return list(inner.values())
    return inner


def _bad(name: str, why: str) -> Refusal:
    return Refusal(f"the field name {name!r} is {why}", code="invalid_field_name")
