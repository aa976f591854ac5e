"""A graph with a shot's values in it, without the nodes of the files that are not there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mutoscope.engines.comfyui.graph import Graph, is_link, links
from mutoscope.engines.comfyui.placeholders import Values

#: A node's kind → the inputs that it cannot do without.
Needs = Mapping[str, Collection[str]]


def filled(graph: Graph, values: Values, needs: Needs) -> dict[str, Any]:
    """The graph as it is sent. `needs` tells what must not be left out of a node whose picture is not
    there; of a kind that is not in it, a node goes when nothing links to it any more."""
    nodes = {name: dict(node) for name, node in graph.nodes.items()}
    for name in without(graph, values.known, needs):
        del nodes[name]
    for node in nodes.values():
        kept = {key: _kept(value, nodes) for key, value in node["inputs"].items()}
        node["inputs"] = {
            key: values.filled(value) for key, value in kept.items() if value is not _GONE
        }
    return nodes


def without(graph: Graph, known: Collection[str], needs: Needs) -> set[str]:
    """The nodes that are left out: those of optional files that are not known, and those that need them."""
    gone = _fileless(graph, known)
    while more := {
        name
        for name, node in graph.nodes.items()
        if name not in gone and _lost(node, gone, needs.get(node["class_type"]))
    }:
        gone |= more
    return gone


def optional_kinds(graph: Graph, known: Collection[str]) -> set[str]:
    """The kinds of the nodes about which `needs` is asked: those that a missing file may touch."""
    gone = _fileless(graph, known)  # not what a guess, before it is asked, would leave out besides
    reached = set(gone)
    while more := {
        name
        for name, node in graph.nodes.items()
        if name not in reached
        and any(link in reached for link, _ in links(list(node["inputs"].values())))
    }:
        reached |= more
    return {graph.nodes[name]["class_type"] for name in reached - gone}


def _fileless(graph: Graph, known: Collection[str]) -> set[str]:
    """The nodes of optional files that are not known."""
    return {
        place.node
        for place in graph.places
        if place.optional and place.default is None and place.name not in known
    }


def _lost(node: Mapping[str, Any], gone: set[str], needs: Collection[str] | None) -> bool:
    """Whether a node cannot do without what is gone."""
    inputs = node["inputs"]
    linked = {key: [link for link, _ in links(value)] for key, value in inputs.items()}
    lost = {key for key, found in linked.items() if found and gone.issuperset(found)}
    if not lost:
        return False
    if needs is not None:
        return bool(lost.intersection(needs))
    return all(key in lost for key, found in linked.items() if found)


_GONE = object()


def _kept(value: Any, nodes: Collection[str]) -> Any:
    """An input's value without links to what is gone."""
    if is_link(value):
        return value if value[0] in nodes else _GONE
    if isinstance(value, list):
        return [one for one in (_kept(one, nodes) for one in value) if one is not _GONE]
    return value
