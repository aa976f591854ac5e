"""Telling a request that is sent again from one that only says the same.

These clients send a POST again after a lost connection, without a mark. It then finds the job of its first
try, unless that was answered, or somebody still waits for it: then it is another wish for such a film.
What was answered is known to the process that answered, for as long as a repeat could come.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

MOST = 10_000  # requests in memory


@dataclass(slots=True)
class _Seen:
    waiting: int = 0
    until: float = 0.0  # on the monotonic clock: answered, and told apart until then
    placing: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Turn:
    """One request, until its `end`. `again`: it may be the repeat of one that was never answered."""

    again: bool
    _repeats: Repeats
    _key: tuple[str, str]
    _seen: _Seen
    _open: bool = True

    @property
    def placing(self) -> asyncio.Lock:
        """Held while its job is written down: of two that say the same at once, the first must not find
        the second's."""
        return self._seen.placing

    def end(self, *, answered: bool) -> None:
        """Say how it ended; the first word counts."""
        if self._open:
            self._open = False
            self._repeats.ended(self._key, self._seen, answered)


class Repeats:
    """`seconds` within which a repeat counts."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._seen: dict[tuple[str, str], _Seen] = {}

    def begin(self, project: str, fingerprint: str) -> Turn:
        """A request that waits for its answer from now on."""
        key = project, fingerprint
        seen = self._seen.setdefault(key, _Seen())
        again = not seen.waiting and seen.until <= time.monotonic()
        seen.waiting += 1
        return Turn(again, self, key, seen)

    def ended(self, key: tuple[str, str], seen: _Seen, answered: bool) -> None:
        """For a Turn."""
        seen.waiting -= 1
        if answered:
            seen.until = time.monotonic() + self.seconds
        if not seen.waiting and not seen.until:
            self._seen.pop(key, None)
        if len(self._seen) > MOST:
            self._forget()

    def _forget(self) -> None:
        now = time.monotonic()
        for key, seen in list(self._seen.items()):
            if not seen.waiting and (seen.until <= now or len(self._seen) > MOST):
                del self._seen[key]
