"""The scores of clips, as values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope.quality.consistency.scores import METHODS, PARTS, Part

Rgb = npt.NDArray[np.uint8]  # h×w×3
Scores = dict[Part, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A frame that was looked at. `scores` has the parts that could be told, 0-100; `missing` says why of
    the others; empty for a reference, which nothing is held against. The tiles are crops, RGB."""

    frame: int
    at: float  # seconds
    scores: Mapping[Part, float] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    reference: bool = False
    face_tile: Rgb | None = None
    figure_tile: Rgb | None = None

    def to_builtins(self) -> dict[str, Any]:
        told: dict[str, Any] = {"frame": self.frame, "at": round(self.at, 3)}
        if self.reference:
            return told | {"reference": True}
        return told | _plain({part: self.scores.get(part) for part in PARTS}, self.missing)


@dataclass(frozen=True, slots=True, eq=False)
class ClipScores:
    """`scores`: the mean of a part's frames, None where none shows it; `missing` then says why."""

    path: Path
    samples: tuple[Sample, ...]

    @property
    def judged(self) -> tuple[Sample, ...]:
        """The frames that were held against the reference."""
        return tuple(one for one in self.samples if not one.reference)

    @property
    def scores(self) -> Scores:
        return {
            part: _mean(one.scores[part] for one in self.judged if part in one.scores)
            for part in PARTS
        }

    @property
    def missing(self) -> dict[str, str]:
        return {part: _why(part, self.judged) for part in PARTS if self.scores[part] is None}

    @property
    def worst(self) -> tuple[Sample, Part] | None:
        """The frame with the lowest score of any part, and which part."""
        all_of = [(one.scores[part], one, part) for one in self.judged for part in one.scores]
        if not all_of:
            return None
        _, one, part = min(all_of, key=lambda each: each[0])
        return one, part

    def counted(self, part: Part) -> int:
        """In how many frames the part could be told."""
        return sum(part in one.scores for one in self.judged)

    def to_builtins(self) -> dict[str, Any]:
        told = {"clip": str(self.path), **_plain(self.scores, self.missing)}
        if self.worst is not None:
            one, part = self.worst
            told["worst"] = {
                "frame": one.frame, "at": round(one.at, 3), "part": part,
                "score": round(one.scores[part], 1),
            }  # fmt: skip
        told["frames"] = len(self.judged)
        told["frames_with"] = {part: self.counted(part) for part in PARTS}
        return told | {"samples": [one.to_builtins() for one in self.samples]}


@dataclass(frozen=True, slots=True, eq=False)
class Consistency:
    """`scores` in all: the mean over the clips that show the part, each clip counting the same."""

    reference: tuple[tuple[Path, Sample], ...]
    clips: tuple[ClipScores, ...]
    notes: tuple[str, ...] = ()

    @property
    def scores(self) -> Scores:
        found: Scores = {}
        for part in PARTS:
            values = [clip.scores[part] for clip in self.clips]
            found[part] = _mean(value for value in values if value is not None)
        return found

    @property
    def missing(self) -> dict[str, str]:
        every = [one for clip in self.clips for one in clip.judged]
        return {part: _why(part, every) for part in PARTS if self.scores[part] is None}

    def to_builtins(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            **_plain(self.scores, self.missing),
            "clips": [clip.to_builtins() for clip in self.clips],
            "reference": [
                {"file": str(path), "frame": one.frame, "at": round(one.at, 3)}
                for path, one in self.reference
            ],
            "method": dict(METHODS),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        return json.dumps(self.to_builtins(), ensure_ascii=False, indent=2)


def _plain(scores: Mapping[Part, float | None], missing: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        part: None if value is None else round(value, 1) for part, value in scores.items()
    }
    gone = {part: why for part, why in missing.items() if told.get(part) is None}
    return told | ({"missing": gone} if gone else {})


def _mean(values: Iterable[float]) -> float | None:
    kept = list(values)
    return sum(kept) / len(kept) if kept else None


def _why(part: Part, samples: Sequence[Sample]) -> str:
    """The reason that most frames have."""
    reasons = Counter(one.missing[part] for one in samples if part in one.missing)
    return reasons.most_common(1)[0][0] if reasons else "no frame was held against the reference"
