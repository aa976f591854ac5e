"""A look at the ComfyUI of an account: whether it answers, and has the nodes of the workflows. Blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mutoscope.catalog.rules import listed
from mutoscope.engines.comfyui.asking import Asking
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.engines.openai_videos.asking import NoAnswer

_MOST = 60  # kinds of nodes that are asked about


def unlike(asking: Asking, graphs: Mapping[str, Graph]) -> tuple[list[str], list[str]]:
    """Why it cannot film, and what is worth knowing, each in a sentence."""
    address = asking.account.base_url
    try:
        stats = asking.look("system_stats")
    except NoAnswer as error:
        return [
            f"ComfyUI does not answer at {address} ({error.message}); start it there, or correct "
            f"engines.{asking.name}.base_url"
        ], []
    if not isinstance(stats, Mapping) or "system" not in stats:
        return [f"what answers at {address} is no ComfyUI"], []
    reasons = []
    known: dict[str, bool] = {}
    for graph in graphs.values():
        lacks = []
        for kind in sorted({str(node["class_type"]) for node in graph.nodes.values()}):
            if kind not in known and len(known) < _MOST:
                known[kind] = _has(asking, kind)
            if not known.get(kind, True):
                lacks.append(kind)
        if lacks:
            reasons.append(
                f"{graph.file} needs {listed(lacks, 'and')}, which the ComfyUI at {address} does not "
                "have; install the custom nodes that it comes from"
            )
    return reasons, []


def _has(asking: Asking, kind: str) -> bool:
    try:
        told: Any = asking.look("object_info", kind)
    except NoAnswer:
        return True  # that it does not say so is no reason
    return not isinstance(told, Mapping) or kind in told
