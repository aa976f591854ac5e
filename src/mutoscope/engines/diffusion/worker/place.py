"""Where a model is put, and in which precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What is kept off the device; see `engines/diffusion/placing.py`.
Offload = Literal["none", "words", "model", "layers"]
#: From the fastest to the one that needs least.
OFFLOADS: tuple[Offload, ...] = ("none", "words", "model", "layers")


@dataclass(frozen=True, slots=True)
class Place:
    """`device` is torch's name ("cuda:0", "cpu"), `dtype` too ("bfloat16", "float32")."""

    device: str
    dtype: str
    offload: Offload = "none"
