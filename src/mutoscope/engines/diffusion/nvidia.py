"""NVIDIA's devices, by the tool that comes with its driver."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from functools import lru_cache

_ASKED = ("uuid", "name", "memory.total", "memory.free", "compute_cap", "driver_version", "mig.mode.current")  # fmt: skip
_TIMEOUT = 30.0  # seconds; a driver that wakes up needs a few
_FRESH = 10.0  # seconds for which an answer counts


@dataclass(frozen=True, slots=True)
class Card:
    """`memory` and `free` in bytes; `parted`: it is divided (MIG), and its parts are not told."""

    uuid: str
    title: str
    memory: int
    free: int
    capability: tuple[int, ...]
    driver: str
    parted: bool


def cards() -> tuple[Card, ...]:
    """All of them, in the driver's order; none where there is no such tool."""
    return _cards((os.environ.get("PATH", ""), int(time.monotonic() / _FRESH)))


@lru_cache(maxsize=2)
def _cards(key: object) -> tuple[Card, ...]:
    try:
        answer = subprocess.run(
            ["nvidia-smi", f"--query-gpu={','.join(_ASKED)}", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = (line.split(", ") for line in answer.stdout.decode(errors="replace").splitlines())
    return tuple(_card(row) for row in rows if len(row) == len(_ASKED))


def _card(row: list[str]) -> Card:
    uuid, title, memory, free, capability, driver, parted = (value.strip() for value in row)
    numbers = tuple(int(part) for part in capability.split(".") if part.isdigit())
    return Card(
        uuid, title, _bytes(memory), _bytes(free), numbers, driver, parted == "Enabled"
    )  # fmt: skip


def _bytes(mebibytes: str) -> int:
    return int(mebibytes) << 20 if mebibytes.isdigit() else 0
