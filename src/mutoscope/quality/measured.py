"""All measures of one film: what `mutoscope.measure` gives back."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope.quality.asked import AskedMove
from mutoscope.quality.camera import Camera
from mutoscope.quality.cuts import Cuts
from mutoscope.quality.dynamics import Dynamics
from mutoscope.quality.fidelity import Fidelity
from mutoscope.quality.flicker import Flicker
from mutoscope.quality.jerk import Jerk
from mutoscope.quality.likeness import Likeness
from mutoscope.quality.loop import Loop
from mutoscope.quality.outline import Outline
from mutoscope.quality.smoothness import Smoothness
from mutoscope.quality.synchrony import Synchrony
from mutoscope.quality.vbench_camera import VBenchCamera
from mutoscope.quality.warping import Warping

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sound:
    """`lufs`: integrated loudness, -inf for silence; `off`: how much longer the sound is than the
    picture, in frames of AAC (1024 samples at 48 kHz)."""

    lufs: float
    peak: float
    seconds: float
    off: float
    synchrony: Synchrony | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a film is worth; a measure that could not be taken is None, and `missing` says why, by the
    measure's name. `asked` judges the camera's moves where a shot was given."""

    path: Path
    width: int
    height: int
    fps: float
    frames: int
    seconds: float
    times: Array
    camera: Camera
    vbench: VBenchCamera
    sharpness: Array
    cuts: Cuts
    flicker: Flicker | None = None
    smoothness: Smoothness | None = None
    dynamics: Dynamics | None = None
    jerk: Jerk | None = None
    warping: Warping | None = None
    likeness: Likeness | None = None
    loop: Loop | None = None
    loop_asked: bool = False
    outline: Outline | None = None
    first: Fidelity | None = None
    last: Fidelity | None = None
    sound: Sound | None = None
    asked: tuple[AskedMove, ...] = ()
    missing: dict[str, str]

    @property
    def followed(self) -> bool | None:
        """Whether every move that was asked for is there; None where none was, or none can be told."""
        told = [one.verdict for one in self.asked if one.verdict != "unknown"]
        return all(verdict == "yes" for verdict in told) if told else None

    def to_builtins(self) -> dict[str, Any]:
        """As plain values: arrays as lists, with four digits; what is not finite as null."""
        shown: dict[str, Any] = _plain(self)
        return shown | {"followed": self.followed}

    def to_json(self) -> str:
        """As JSON text."""
        return json.dumps(self.to_builtins(), ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in fields(value) if one.name not in _LEFT_OUT]
        shown = {name: _plain(getattr(value, name)) for name in names}
        for name in _FIGURES.get(type(value), ()):
            shown[name] = _plain(getattr(value, name))
        return shown
    return _PLAIN.get(type(value), lambda one: one)(value)


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


#: What is of no use outside the library.
_LEFT_OUT = ("maps", "ways")
#: Properties that are figures too.
_FIGURES: dict[type, tuple[str, ...]] = {
    Loop: ("closed",), Outline: ("faults",), Likeness: ("mean", "least"), Synchrony: ("sure",),
}  # fmt: skip
_PLAIN: dict[type, Callable[[Any], Any]] = {
    float: _number,
    np.float64: lambda one: _number(float(one)),
    np.ndarray: lambda one: [_plain(part) for part in one.tolist()],
    tuple: lambda one: [_plain(part) for part in one],
    list: lambda one: [_plain(part) for part in one],
    dict: lambda one: {str(key): _plain(part) for key, part in one.items()},
}
_PLAIN[type(Path())] = str
