"""A workflow in ComfyUI's API format, read: its nodes, its placeholders, and the table beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.engines.comfyui import table as tables
from mutoscope.engines.comfyui.placeholders import Place, Strange, places
from mutoscope.engines.comfyui.table import Table
from mutoscope.errors import BadInput

MOST = 16 << 20  # bytes of a graph's file

#: What an input has that comes from another node: that node's name and the number of its output.
Link = tuple[str, int]


@dataclass(frozen=True)
class Graph:
    """`file` is its name for messages. `nodes` are as in the file: name → class_type, inputs."""

    file: str
    nodes: Mapping[str, Mapping[str, Any]]
    places: tuple[Place, ...]
    table: Table = field(default_factory=Table)

    @cached_property
    def names(self) -> frozenset[str]:
        """The placeholders that it has."""
        return frozenset(place.name for place in self.places)

    def slots(self, stem: str) -> tuple[str, ...]:
        """Its numbered placeholders in order: "frame" → frame_1, frame_2."""
        numbered = (f"{stem}_{number}" for number in range(1, 100))
        return tuple(name for name in numbered if name in self.names)

    def required(self, name: str) -> bool:
        """Whether a file must be there: one of its places has no default and cannot be left out."""
        return any(
            place.name == name and place.default is None and not place.optional
            for place in self.places
        )

    def title(self, node: str) -> str:
        """A node as people know it: "KSampler (node 3)"."""
        found = self.nodes.get(node, {})
        meta = found.get("_meta")
        shown = meta.get("title") if isinstance(meta, Mapping) else None
        return f"{shown or found.get('class_type', 'a node')} (node {node})"


def read(path: Path) -> Graph:
    """The graph in a file. Raises BadInput, in one sentence, for what cannot be used."""
    try:
        if path.stat().st_size > MOST:
            raise BadInput(f"{path} is longer than a workflow can be ({MOST >> 20} MiB)")
        value = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        raise BadInput(f"{path} is not there; export the workflow to it, in API format") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput(f"{path} is not JSON; export the workflow again, in API format") from None
    nodes = _nodes(value, path)
    table = tables.read(path.with_suffix(".toml"))
    try:
        found = tuple(
            place
            for name, node in nodes.items()
            for input, inner in node["inputs"].items()
            for place in places(name, input, inner, table.tiers)
        )
    except Strange as error:
        raise BadInput(f"{path} {error}") from None
    if not found:
        raise BadInput(
            f'{path} has no placeholder; write "{{{{prompt}}}}" where the words belong, '
            '"{{first_frame}}" where the picture does'
        )
    if table.output and table.output not in nodes:
        raise BadInput(f"{path.with_suffix('.toml')}: output is {table.output!r}, which is no node")
    return Graph(path.name, nodes, found, table)


def _nodes(value: Any, path: Path) -> dict[str, dict[str, Any]]:
    if isinstance(value, dict) and isinstance(value.get("prompt"), dict):
        value = value["prompt"]  # as it is sent
    if isinstance(value, dict) and isinstance(value.get("nodes"), list):
        raise BadInput(
            f"{path} is a workflow as the editor keeps it; export it in API format "
            "(File > Export (API)), and write the placeholders there"
        )
    good = isinstance(value, dict) and value
    if not good or not all(_is_node(one) for one in value.values()):
        raise BadInput(
            f"{path} is no workflow in API format: each node has a class_type and inputs; "
            "export it with File > Export (API)"
        )
    found: dict[str, dict[str, Any]] = value
    return found


def _is_node(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("class_type"), str)
        and isinstance(value.get("inputs"), dict)
    )


def links(value: Any) -> Iterator[Link]:
    """The links in an input's value: itself, or in a list or object of them."""
    if is_link(value):
        yield value[0], value[1]
    elif isinstance(value, list):
        for one in value:
            yield from links(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from links(one)


def is_link(value: Any) -> bool:
    """Whether a value is a link to a node's output."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    )
