"""The table of what was measured on a GPU, and the file beside it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

#: What a row's `kind` says of how far random weights can be trusted.
KINDS = {
    "dense": "dense: the weights' values do not matter",
    "weights": "needs real weights: random ones tell nothing of the worth",
    "own": "the program's own time",
}


@dataclass(frozen=True)
class Row:
    """One measured thing: what, its figure, beside what, the ratio, the bar."""

    what: str
    ours: str
    plain: str = ""
    ratio: str = ""
    bar: str = ""
    kind: str = "dense"


@dataclass
class Table:
    """Rows as they come, with what was measured on and what was left out."""

    head: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def add(
        self, what: str, ours: str, plain: str = "", ratio: str = "", bar: str = "", *,
        kind: str = "dense",
    ) -> None:  # fmt: skip
        """A row, shown at once."""
        self.rows.append(Row(what, ours, plain, ratio, bar, kind))
        print("  " + " | ".join(filter(None, (what, ours, plain, ratio, bar))), flush=True)

    def markdown(self) -> str:
        lines = ["; ".join(f"{key} {value}" for key, value in self.head.items()), ""]
        lines += ["| | ours | plain diffusers | ratio | bar |", "|---|---|---|---|---|"]
        for row in self.rows:
            mark = "" if row.kind == "dense" else f" ({row.kind})"
            cells = (row.what + mark, row.ours, row.plain, row.ratio, row.bar)
            lines.append("| " + " | ".join(cells) + " |")
        seen = {row.kind for row in self.rows} - {"dense"}
        lines += ["", *(f"* ({kind}) {KINDS[kind]}" for kind in KINDS if kind in seen)]
        lines += [f"* {note}" for note in self.notes]
        lines += [f"* left out: {reason}" for reason in self.left_out]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """`gpu.md` and `gpu.json`; written after every part, so that a cut leaves what there was."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gpu.md").write_text(self.markdown(), encoding="utf-8")
        (folder / "gpu.json").write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def bytes_of(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count else "not counted"


class Clock:
    """What is left of the minutes that were given."""

    def __init__(self, minutes: float) -> None:
        self._end = time.perf_counter() + 60 * minutes

    def left(self) -> float:
        return self._end - time.perf_counter()
