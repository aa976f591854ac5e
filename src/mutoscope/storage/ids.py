"""Identifiers that grow with time, so that their order is the order of creation."""

from __future__ import annotations

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


_clock = _Clock()


def new_id(prefix: str) -> str:
    """`prefix` and 48 hexadecimal digits: 16 of time in microseconds, 32 that nobody can guess.

    Ids of one process grow strictly; those of several, as far as their clocks agree.
    """
    return f"{prefix}{_clock():016x}{secrets.token_hex(16)}"


def is_id(text: str) -> bool:
    """Whether this could be one. It then has its place among the others, even where it is deleted."""
    return _ID.fullmatch(text) is not None
