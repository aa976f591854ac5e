"""Identifiers that grow with time, so that their order is the order of creation."""

from __future__ import annotations

import os
import re
import secrets
import threading
import time

_ID = re.compile(r"[a-z]+[_-][0-9a-f]{48}")


class _Clock:
    """Microseconds since 1970 that grow at every call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1000)
            return self._last


class _Chance:
    """Random bytes of the system's, fetched for many ids at a time: each fetch lets other threads take
    the interpreter, and to get it back can take longer than all else about an id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = b""

    def __call__(self, count: int) -> bytes:
        with self._lock:
            if len(self._left) < count:
                self._left = secrets.token_bytes(256 * count)
            taken, self._left = self._left[:count], self._left[count:]
            return taken


_clock = _Clock()
_chance = _Chance()
os.register_at_fork(after_in_child=_chance.__init__)  # type: ignore[misc]


def new_id(prefix: str) -> str:
    """`prefix` and 48 hexadecimal digits: 16 of time in microseconds, 32 that nobody can guess.

    Ids of one process grow strictly; those of several, as far as their clocks agree.
    """
    return f"{prefix}{_clock():016x}{_chance(16).hex()}"


def is_id(text: str) -> bool:
    """Whether this could be one. It then has its place among the others, even where it is deleted."""
    return _ID.fullmatch(text) is not None
