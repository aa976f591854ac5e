"""The queue of a ComfyUI: what is at work, and what waits, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mutoscope.engines.comfyui.asking import Asking

FRESH = 0.5  # seconds for which one answer serves whoever asks


@dataclass(frozen=True, slots=True)
class Item:
    """A workflow; `mark` is the key of the order that it was sent for."""

    id: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """`running` and `waiting`, the next first."""

    running: tuple[Item, ...] = ()
    waiting: tuple[Item, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        return (*self.running, *self.waiting)

    def place(self, id: str) -> int | None:
        """0 at work, 1 the next one; None where it is not there."""
        if any(one.id == id for one in self.running):
            return 0
        return next((at for at, one in enumerate(self.waiting, 1) if one.id == id), None)


class Queue:
    """Reads it, for all who ask at the same moment once."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._seen: tuple[float, Seen] | None = None
        self._lock: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def read(self, fresh: bool = False) -> Seen:
        """The queue. Raises NoAnswer."""
        loop = asyncio.get_running_loop()
        if self._lock is None or self._lock[0] is not loop:
            self._lock, self._seen = (loop, asyncio.Lock()), None
        async with self._lock[1]:
            if fresh or self._seen is None or time.monotonic() - self._seen[0] > FRESH:
                asked = time.monotonic()
                told = await self._asking.get("queue")
                waiting = sorted(_rows(told.get("queue_pending")), key=_number)
                self._seen = (
                    asked,
                    Seen(
                        tuple(map(_item, _rows(told.get("queue_running")))),
                        tuple(map(_item, waiting)),
                    ),
                )
            return self._seen[1]

    def forget(self) -> None:
        """Read it anew: it has changed."""
        self._seen = None


def _rows(value: Any) -> Iterator[list[Any]]:
    """number, id, workflow, extra data, outputs"""
    for row in value if isinstance(value, list) else ():
        if isinstance(row, list) and len(row) >= 2:
            yield row


def _number(row: list[Any]) -> float:
    return float(row[0]) if isinstance(row[0], int | float) else 0.0


def _item(row: list[Any]) -> Item:
    extra = row[3] if len(row) > 3 and isinstance(row[3], Mapping) else {}
    return Item(str(row[1]), str(extra.get("mutoscope", "")))
