"""One lane for each receiver, so that a slow one holds up none but itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from mutoscope.outside.webhooks import Outcome

NARROW, WIDE = 4, 32  # attempts under way to one receiver; one where the last ones failed
QUICK = 1000  # milliseconds in which an answer makes a lane wider
LONGEST = 60.0  # seconds that a receiver which does not answer is left alone
REMEMBERED = 600.0  # seconds after which its failures are forgotten
NAMED = 200  # receivers that a query can leave out


@dataclass(slots=True)
class Lane:
    flights: int = 0
    failures: int = 0  # in a row
    quiet_until: float = 0.0  # by the monotonic clock
    width: int = NARROW

    def full(self, now: float) -> bool:
        return now < self.quiet_until or self.flights >= (1 if self.failures else self.width)

    def over(self, now: float) -> bool:
        """Whether there is nothing left to remember."""
        return not self.flights and now > self.quiet_until + REMEMBERED * bool(self.failures)


class Lanes:
    """`most` attempts in all; a receiver that fails is left alone for `first` seconds, then for twice as
    long each time. Receivers are told apart by scheme, host and port."""

    def __init__(
        self, most: int, *, first: float = 0.5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._first = first
        self._clock = clock
        self._lanes: dict[str, Lane] = {}
        self._names: dict[str, str] = {}  # of the deliveries under way

    def room(self) -> int:
        return self._most - len(self._names)

    def shut(self) -> tuple[str, ...]:
        """The receivers that get nothing at present."""
        now = self._clock()
        for name in [name for name, lane in self._lanes.items() if lane.over(now)]:
            del self._lanes[name]
        return tuple(name for name, lane in self._lanes.items() if lane.full(now))[:NAMED]

    def enter(self, id: str, url: str) -> bool:
        """Give a delivery its place; False where there is none now."""
        name = self.name(url)
        lane = self._lanes.setdefault(name, Lane())
        if id in self._names or self.room() <= 0 or lane.full(self._clock()):
            return False
        lane.flights += 1
        self._names[id] = name
        return True

    def leave(self, id: str) -> None:
        self._lanes[self._names.pop(id)].flights -= 1

    def learn(self, id: str, outcome: Outcome) -> None:
        """A receiver that does not answer, or has too much to do, is left alone for a while."""
        lane = self._lanes[self._names[id]]
        if outcome.status is not None and outcome.status < 500 and outcome.status != 429:
            lane.failures, lane.quiet_until = 0, 0.0
            quick = outcome.milliseconds < QUICK
            lane.width = min(WIDE, lane.width + 1) if quick else NARROW
            return
        pause = min(LONGEST, self._first * 2 ** min(lane.failures, 20)) * random.uniform(0.8, 1.2)
        lane.failures += 1
        lane.width = NARROW
        if outcome.retry_after is not None:
            pause = max(pause, min(outcome.retry_after, LONGEST))
        lane.quiet_until = self._clock() + pause

    @staticmethod
    def name(url: str) -> str:
        """Where an address leads that is written in the one way (`urls.normal`)."""
        scheme, mark, rest = url.partition("://")
        return scheme + mark + rest.partition("/")[0]
