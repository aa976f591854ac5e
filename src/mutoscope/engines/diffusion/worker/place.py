"""Where a model is put, and in which precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Offload = Literal["none", "model", "layers"]


@dataclass(frozen=True, slots=True)
class Place:
    """`device` is torch's name ("cuda:0", "cpu"), `dtype` too ("bfloat16", "float32")."""

    device: str
    dtype: str
    offload: Offload = "none"
