"""Briefs for tiny checkpoints, and a Watch that writes down what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mutoscope.engines.diffusion.brief import Brief, Frames, Keyframe, Rgb
from mutoscope.errors import Cancelled
from mutoscope.shot import Size

SIZE = Size(64, 64)


@dataclass
class Looker:
    """`told` are the steps and stages in order; it looks at a preview where it is offered one, and stops
    at `stop`, the number of a step or the name of a stage."""

    stop: int | str = ""
    told: list[Any] = field(default_factory=list)
    seen: list[Rgb] = field(default_factory=list)

    def step(self, done: int, of: int, preview: Callable[[], Rgb] | None = None) -> None:
        self._tell((done, of), done)
        if preview is not None:
            self.seen.append(preview())

    def stage(self, name: str, fraction: float = 0.0) -> None:
        self._tell(name, name)

    def _tell(self, what: Any, stop: int | str) -> None:
        self.told.append(what)
        if stop == self.stop:
            raise Cancelled("stopped")


def picture(seed: int, size: Size = SIZE) -> Rgb:
    """A gradient with a block in it, another for each seed."""
    chance = np.random.default_rng(seed)
    down, across = np.mgrid[0 : size.height, 0 : size.width] / max(size.width, size.height)
    planes = [np.sin(7 * (down * a + across * b) + c) for a, b, c in chance.uniform(-3, 3, (3, 3))]
    image = ((np.stack(planes, -1) + 1) * 127).astype(np.uint8)
    image[8:24, 8:24] = chance.integers(0, 255, 3)
    return image


def film(seed: int, frames: int, size: Size = SIZE) -> Frames:
    """The picture, wandering to the right."""
    return np.stack([np.roll(picture(seed, size), 2 * n, axis=1) for n in range(frames)])


def first(seed: int = 1, strength: float = 1.0, size: Size = SIZE) -> Keyframe:
    return Keyframe(0, picture(seed, size), strength)


def brief(**changes: Any) -> Brief:
    """Words alone, in three steps with guidance."""
    told: dict[str, Any] = {
        "prompt": "a cat", "negative": "blurry", "size": SIZE, "frames": 9, "fps": 24.0, "seed": 3,
        "steps": 3, "guidance": 3.0,
    }  # fmt: skip
    return Brief(**told | changes)


def differ(one: Frames, other: Frames) -> float:
    """The mean difference in levels of 255."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())
