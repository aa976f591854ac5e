"""A Brief: a shot, or a part of it, said in a model's own terms; and what the model made of it.

``shot/`` writes it, a family's adapter reads it. Everything in it is already legal for the model: sides,
frames and places of pictures follow the checkpoint's rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mutoscope.shot import Size

Rgb = npt.NDArray[np.uint8]  # H×W×3, sRGB
Frames = npt.NDArray[np.uint8]  # N×H×W×3, sRGB
Mask = npt.NDArray[np.uint8]  # N×H×W, 255: made anew, 0: kept
Samples = npt.NDArray[np.float32]  # samples×channels, -1..1


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A picture of the brief's size that the film shows at `frame` (0..frames-1 of the brief)."""

    frame: int
    image: Rgb
    strength: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """See the module. `fps` is the model's own rate. `keyframes` are in the order of their frames, `lead`
    the frames that the film goes on from (it begins with them), `references` pictures of any size of
    what is to be seen, `video` a film of the brief's size that is made anew with `strength` (1: freely),
    `mask` where. `guidance` 1: without the unconditional pass. `lora` is the name of one of the
    checkpoint's, `cache` of a step cache, "" for none."""

    prompt: str
    negative: str = ""
    size: Size
    frames: int
    fps: float
    seed: int
    steps: int
    guidance: float
    guidance_low: float | None = None
    shift: float | None = None
    keyframes: tuple[Keyframe, ...] = ()
    lead: Frames | None = None
    references: tuple[Rgb, ...] = ()
    video: Frames | None = None
    strength: float = 1.0
    mask: Mask | None = None
    sound: bool = False
    lora: str = ""
    cache: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What a model made of a brief: exactly `brief.frames` frames of `brief.size`, and sound where it has
    any. `notes` say what it did otherwise than it was told, in sentences."""

    frames: Frames
    sound: Samples | None = None
    rate: int = 0  # samples a second
    notes: tuple[str, ...] = ()


class Watch(Protocol):
    """Who looks on while a model works. Each method raises Cancelled when the work is no longer wanted."""

    def step(self, done: int, of: int, preview: Callable[[], Rgb] | None = None) -> None:
        """`done` of `of` denoising steps are done; `preview` makes a small picture of what there is, and
        is called only where one is due."""

    def stage(self, name: str, fraction: float = 0.0) -> None:
        """What it is at beside denoising: "load", "encode", "decode", and how far, 0..1."""
