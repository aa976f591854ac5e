"""Each picture of an order into a graph's place for it. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mutoscope.engines.base import Instruction, Order, Still
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.shot import Anchor, Role

Files = dict[str, Path]
Said = list[Instruction]


def pictures(
    order: Order, graph: Graph, frames: int, fps: float, files: Files, values: dict[str, Any],
    said: Said,
) -> bool:  # fmt: skip
    """Put the pictures into `files` by placeholder, the frames that they stand at into `values`, and what
    became of each into `said`; whether there is one to begin with. `frames` at `fps` are filmed."""
    putting = _Putting(graph, files, values, said)
    stills, shot = order.stills, order.shot
    late = []
    for at, still in stills.items():
        anchor = shot.anchors[at]
        match anchor.role:
            case Role.FIRST_FRAME:
                putting.at(still, 0, "first_frame", "first frame")
            case Role.LAST_FRAME:
                putting.at(still, frames - 1, "last_frame", "last frame")
            case Role.FRAME if anchor.frame is not None:
                number = min(round(anchor.frame / shot.fps * fps), frames - 1)
                begins = "first_frame" if number == 0 else ""
                late.append((anchor, still, number, begins))
            case Role.REFERENCE:
                late.append((anchor, still, 0, ""))
    for anchor, still, number, begins in late:
        alone = len(stills) == 1
        if anchor.role is Role.FRAME:
            words = f"picture at frame {anchor.frame}"
            if putting.at(still, number, begins, words, silent=alone):
                continue
        elif putting.reference(still, silent=alone):
            continue
        if alone:
            _begin(putting, still, anchor)
    if shot.loop and "loop" not in graph.names:
        _loop(putting)
    return "first_frame" in files or values.get("frame_1_at") == 0


class _Putting:
    def __init__(self, graph: Graph, files: Files, values: dict[str, Any], said: Said) -> None:
        self.graph, self.files, self.values, self.said = graph, files, values, said

    def free(self, *names: str) -> str | None:
        """The first of these places that the graph has and that nothing is in."""
        taken = self.files
        return next((one for one in names if one in self.graph.names and one not in taken), None)

    def at(
        self, still: Still, number: int, place: str, words: str, silent: bool = False
    ) -> bool:  # fmt: skip
        """Into its own place, or one for a picture at any frame; whether there was one."""
        slot = self.free(place, *self.graph.slots("frame"))
        if slot is None:
            if not silent:
                self.lacks(words)
            return False
        self.files[slot] = still.prepared or still.original
        if slot.startswith("frame_"):
            self.values[f"{slot}_at"] = number
        how = f"sent as the {slot.replace('_', ' ')}" if slot == place else "sent with its frame"
        self.said.append(Instruction(words, "done", how))
        return True

    def reference(self, still: Still, silent: bool) -> bool:
        slot = self.free(*self.graph.slots("reference"))
        if slot is None:
            if not silent:
                self.lacks("reference picture")
            return False
        self.files[slot] = still.prepared or still.original
        self.said.append(Instruction("reference picture", "done", "sent as a reference"))
        return True

    def lacks(self, words: str) -> None:
        how = f"{self.graph.file} has no place for it"
        self.said.append(Instruction(words, "not_possible", how))


def _begin(putting: _Putting, still: Still, anchor: Anchor) -> None:
    """A picture that is alone is the one to begin with, as in the OpenAI Videos API."""
    reference = anchor.role is Role.REFERENCE
    words = "reference picture" if reference else f"picture at frame {anchor.frame}"
    slot = putting.free("first_frame", *putting.graph.slots("frame"))
    if slot is None:
        putting.lacks(words)
        return
    putting.files[slot] = still.prepared or still.original
    if slot != "first_frame":
        putting.values[f"{slot}_at"] = 0
    putting.said.append(Instruction(words, "approximated", "sent as the picture to begin with"))


def _loop(putting: _Putting) -> None:
    first, slot = putting.files.get("first_frame"), putting.free("last_frame")
    if first is None or slot is None:
        putting.said.append(
            Instruction(
                "loop", "not_possible", f"{putting.graph.file} has no last frame to come back to"
            )
        )
        return
    putting.files[slot] = first
    putting.said.append(
        Instruction("loop", "approximated", "its first frame was sent as its last, too")
    )
