"""Precision and recall of the camera moves over a labelled corpus.

A line of a corpus: `text`, `lang`, `camera` (the moves it asks for, without holds that only fill),
and where they matter `also` (moves that may be read or not), `motion` (kinds), `seconds`, `spans`
([move, start, end]), `first_frame`, `loop`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutoscope.direction.model import Direction
from mutoscope.direction.parse import direct

FOLDER = Path(__file__).parent / "corpus"


@dataclass
class Score:
    """Counts by move: right, read though not asked, asked though not read."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.wrong.total())

    @property
    def recall(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.missed.total())


def rows(part: str) -> list[dict[str, Any]]:
    text = (FOLDER / f"{part}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def moves(direction: Direction) -> set[str]:
    return {move.move for move in direction.camera if move.words}


def score(part: str) -> Score:
    result = Score()
    for row in rows(part):
        read = moves(direct(row["text"], row.get("seconds")))
        asked, also = set(row["camera"]), set(row.get("also", ()))
        result.right.update(read & asked)
        result.wrong.update(read - asked - also)
        result.missed.update(asked - read)
        if read - also != asked - also:
            result.failures.append(f"{row['text']!r}: asked {sorted(asked)}, read {sorted(read)}")
    return result
