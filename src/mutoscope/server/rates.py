"""Requests a minute for each key: the generic cell rate algorithm, in this process.

Several server processes each count on their own: a key's limit holds for each of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Taken:
    """`wait`: seconds until the next is let in, 0 where this one was; `left`: how many more at once;
    `reset`: seconds until all of the limit is there again."""

    wait: float
    left: int
    reset: float


class Rates:
    """Each name may take its whole minute's worth at once, and gets it back evenly."""

    def __init__(self) -> None:
        self._arrivals: dict[str, float] = {}

    def take(self, name: str, per_minute: int, now: float | None = None) -> Taken:
        """Let one more in under `name`, or say how long it has to wait."""
        now = time.monotonic() if now is None else now
        step = 60.0 / per_minute
        arrival = max(self._arrivals.get(name, now), now)
        wait = arrival + step - 60.0 - now
        if wait > 1e-9:
            return Taken(wait, 0, arrival - now)
        if len(self._arrivals) >= KEPT and name not in self._arrivals:
            self._forget(now)
        self._arrivals[name] = arrival + step
        used = arrival + step - now
        return Taken(0.0, int((60.0 - used) / step + 1e-9), used)

    def _forget(self, now: float) -> None:
        self._arrivals = {name: at for name, at in self._arrivals.items() if at > now}
