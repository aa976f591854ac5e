"""How far a workflow is, told by the messages of its websocket. Pure.

Most of the time goes into sampling, which tells each step; a node counts by what such nodes take, an
estimate that only shapes the bar.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: A node's kind, in part → its share beside a node that only hands something on.
_SHARES = (
    (re.compile(r"sampler(?!select)|denoise", re.I), 60.0),
    (re.compile(r"upscale|interpolat|rife|film_vfi|decode", re.I), 6.0),
    (re.compile(r"load|encode|save|combine", re.I), 2.0),
)
#: A client says first that it can tell whose preview it is (ComfyUI 0.3.47 and later).
HELLO = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
_PREVIEW, _TOLD_PREVIEW = 1, 4  # kinds of binary messages
_ENDS = ("execution_success", "execution_error", "execution_interrupted")


def shares(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Each node's share of the work."""
    return {name: _share(str(node.get("class_type", ""))) for name, node in nodes.items()}


def _share(kind: str) -> float:
    return next((share for pattern, share in _SHARES if pattern.search(kind)), 1.0)


@dataclass
class Progress:
    """Of the workflow `id`: `stage` is the node that is at work, `preview` the last small picture with its
    ending, `ended` whether it has."""

    id: str
    shares: Mapping[str, float]
    kinds: Mapping[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    at: dict[str, float] = field(default_factory=dict)  # nodes at work → 0..1
    stage: str = ""
    preview: tuple[bytes, str] | None = None
    ended: bool = False
    _most: float = 0.0

    @property
    def fraction(self) -> float:
        """0..1, and never less than before."""
        whole = sum(self.shares.values()) or 1.0
        got = sum(self.shares.get(name, 0.0) for name in self.done)
        got += sum(self.shares.get(name, 0.0) * part for name, part in self.at.items())
        self._most = max(self._most, min(got / whole, 1.0))
        return self._most

    def hear(self, message: str | bytes) -> None:
        """A message. One that cannot be read, or that is of another workflow, says nothing."""
        if isinstance(message, bytes):
            self._see(message)
            return
        try:
            value = json.loads(message)
        except ValueError:
            return
        kind, data = (value.get("type"), value.get("data")) if isinstance(value, dict) else ("", 0)
        if not isinstance(data, dict) or data.get("prompt_id", self.id) != self.id:
            return
        if kind == "progress_state" and isinstance(data.get("nodes"), dict):
            self._states(data["nodes"])
        elif kind == "progress":
            self._working(str(data.get("node") or ""), _part(data))
        elif kind == "executing" and data.get("node"):
            self._working(str(data["node"]), 0.0, alone=True)
        elif kind == "executed":
            self._finished(str(data.get("node") or ""))
        elif kind == "execution_cached":
            for node in data.get("nodes") or ():
                self._finished(str(node))
        elif kind in _ENDS:
            self.ended = True

    def _states(self, nodes: dict[str, Any]) -> None:
        for name, state in nodes.items():
            if not isinstance(state, dict):
                continue
            own = str(state.get("display_node_id") or name)
            if state.get("state") == "finished" and own == name:
                self._finished(name)
            elif state.get("state") == "running":
                self._working(own, _part(state))

    def _working(self, node: str, part: float, alone: bool = False) -> None:
        if node not in self.shares:
            return
        if alone:  # a server that names one node at a time has ended the one before
            self.done.update(self.at)
            self.at.clear()
        self.done.discard(node)
        self.at[node] = part
        self.stage = self.kinds.get(node, node)

    def _finished(self, node: str) -> None:
        self.at.pop(node, None)
        if node in self.shares:
            self.done.add(node)

    def _see(self, message: bytes) -> None:
        if len(message) < 8:
            return
        kind, second = struct.unpack(">II", message[:8])
        if kind == _PREVIEW:
            picture = message[8:]
        elif kind == _TOLD_PREVIEW and 8 + second <= len(message):
            try:
                told = json.loads(message[8 : 8 + second])
            except ValueError:
                return
            if isinstance(told, dict) and told.get("prompt_id", self.id) != self.id:
                return
            picture = message[8 + second :]
        else:
            return
        if picture.startswith(b"\xff\xd8\xff"):
            self.preview = picture, ".jpg"
        elif picture.startswith(b"\x89PNG"):
            self.preview = picture, ".png"


def _part(data: Mapping[str, Any]) -> float:
    value, most = data.get("value"), data.get("max")
    if not isinstance(value, int | float) or not isinstance(most, int | float) or most <= 0:
        return 0.0
    return min(1.0, max(0.0, value / most))
