"""A Clip: the finished film, and the truth about how it came to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.direction.model import Direction
from mutoscope.engines.base import Instruction
from mutoscope.shot import Size


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the caller should know: `code` for programs, `message` for people."""

    code: str
    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Every instruction under what became of it, and what was done to the pictures."""

    done: tuple[Instruction, ...] = ()
    approximated: tuple[Instruction, ...] = ()
    not_possible: tuple[Instruction, ...] = ()
    image: tuple[str, ...] = ()
    engine: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, said: tuple[Instruction, ...], image: tuple[str, ...], engine: tuple[str, ...]
    ) -> Report:
        """The instructions sorted by outcome."""
        by = {
            outcome: tuple(one for one in said if one.outcome == outcome)
            for outcome in ("done", "approximated", "not_possible")
        }
        return cls(**by, image=image, engine=engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """The finished film. `seconds` is its exact length, `took` the seconds of work by stage."""

    path: Path
    size: Size
    seconds: float
    fps: float
    frames: int
    engine: str
    seed: int
    direction: Direction
    report: Report
    warnings: tuple[Warned, ...] = ()
    extras: Mapping[str, Path] = field(default_factory=dict)
    passes: Mapping[str, Path] = field(default_factory=dict)
    took: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> str:
        """The clip as JSON text, `size` as "WxH"."""
        return json.dumps(self.to_builtins(), ensure_ascii=False, indent=2)

    def to_builtins(self) -> dict[str, Any]:
        """The clip as plain values."""
        shown: dict[str, Any] = msgspec.to_builtins(self, enc_hook=str)
        return shown | {"size": str(self.size)}
