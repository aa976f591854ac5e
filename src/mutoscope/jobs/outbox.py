"""The outbox: events are written down in the commit that they tell of, and delivered afterwards.

Whoever runs an Outbox on the same records shares the work: a delivery is leased for one attempt. What a
killed server left is made again by whoever is there when the lease ends, under the same webhook-id, so
every event is delivered at least once and a receiver can tell a second time from the first.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam

from mutoscope.errors import MutoscopeError
from mutoscope.jobs import deliveries
from mutoscope.jobs.deliveries import Delivery
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.lanes import Lanes
from mutoscope.jobs.verdicts import Backoff, Verdict, entries, judge
from mutoscope.outside.webhooks import Outcome, Sender
from mutoscope.storage.clock import now
from mutoscope.storage.ids import new_id
from mutoscope.storage.prepared import Prepared
from mutoscope.storage.tables import events

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mutoscope.config import Settings
    from mutoscope.storage.records import Records

_log = logging.getLogger("mutoscope.webhooks")

#: A job's id and an event's type → what its own webhook is sent, None for the event itself.
News = Callable[[str, str], Awaitable[str | None]]

ADDED = ("id", "project", "type", "subject", "url")
AT_ONCE = 64  # attempts under way in one server
LOOK = 256  # due deliveries that are looked at together
IDLE = 1.0  # seconds between two looks at what other servers may have written
EAGER = 0.02  # the same, just after an event was written here
GATHER = 0.01  # seconds in which what happens is seen to together
LEASE = 15.0  # seconds beyond the time-out of an attempt
SWEEP = 3600.0  # seconds between two sweeps of what is old


_ADD = Prepared(
    lambda insert: (
        insert(events)
        .values(created=now(), **{name: bindparam(name) for name in ADDED})
        .returning(events.c.id)
    )
)


class Outbox:
    """See the module. `count` is told "delivered", "retried" or "failed" at every attempt; `news` is
    what a job's own webhook is sent in its dialect's form."""

    def __init__(
        self,
        records: Records,
        settings: Settings,
        *,
        count: Callable[[str], None] = lambda word: None,
        news: News | None = None,
        backoff: Backoff | None = None,
        idle: float = IDLE,
    ) -> None:
        self.records = records
        self.settings = settings
        self._count = count
        self._news = news
        self._backoff = backoff or Backoff()
        self._sender: Sender | None = None  # while it runs
        self._idle = idle
        self._lanes = Lanes(AT_ONCE, first=self._backoff.first / 10)
        self._flights: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._eager_until = 0.0
        self._sweep_at = 0.0
        self._stopping = False
        self._ended = asyncio.Event()

    def add(
        self, connection: Connection, project: str, type: str, subject: str, url: str | None = None
    ) -> str:
        """Write an event down, as part of the caller's transaction; its id. `subject` is the job's id,
        `url` its own webhook."""
        event = new_id("evt_")
        row = {"id": event, "project": project, "type": type, "subject": subject, "url": url}
        _ADD.rows(connection, row)
        self.hint()
        return event

    def hint(self) -> None:
        """Something was written, or is about to be committed: look soon. From any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(self._hinted)

    async def run(self) -> None:
        """Deliver until `stop`."""
        sender = self._sender = await asyncio.to_thread(Sender, self.settings, at_once=AT_ONCE)
        self._loop = asyncio.get_running_loop()
        self._ended.clear()
        try:
            if (
                self.records.dialect == "sqlite"
            ):  # its folder has one server: who held leases is dead
                await self.records.write(deliveries.release)
            while not self._stopping:
                pause = await self._turn(sender)
                self._wake.clear()
                if pause > 0 and not self._stopping:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), pause)
                    await asyncio.sleep(GATHER)
        finally:
            await self._land(0.0)
            self._loop = self._sender = None
            self._stopping = False
            await sender.close()
            self._ended.set()

    async def stop(self, grace: float = 5.0) -> None:
        """Begin nothing more; give what is under way `grace` seconds, then hand it back."""
        self._stopping = True
        if self._loop is None:
            return
        await self._land(grace)
        self._wake.set()
        await self._ended.wait()

    async def try_now(
        self, event: str, type: str, subject: str, url: str, *secrets: str
    ) -> Outcome:
        """Send an event once, beside the queue: what a test of an endpoint does."""
        body = deliveries.payload(event, type, subject, time.time())
        if self._sender is not None:
            return await self._sender.send(url, event, body, secrets)
        sender = await asyncio.to_thread(Sender, self.settings)
        try:
            return await sender.send(url, event, body, secrets)
        finally:
            await sender.close()

    def _hinted(self) -> None:
        self._eager_until = time.monotonic() + 20 * EAGER
        self._wake.set()

    async def _turn(self, sender: Sender) -> float:
        """Do what there is to do now; seconds until the next look."""
        try:
            left = await self.records.read(deliveries.left)
            if left.unspread:
                spread = await self.records.write(deliveries.spread)
                return 0.0 if spread else EAGER  # another server has the rows
            if left.due and await self._launch(sender):
                return 0.0
            await self._sweep()
        except MutoscopeError as error:  # the database is away
            _log.warning("webhooks wait: %s", error.message)
            return self._idle
        except Exception:
            _log.exception("webhooks wait")
            return self._idle
        if time.monotonic() < self._eager_until:
            return EAGER
        return min(
            [self._idle, *([max(left.next_due, EAGER)] if left.next_due is not None else [])]
        )

    async def _launch(self, sender: Sender) -> int:
        """Begin attempts as far as there is room; how many."""
        chosen: list[str] = []
        claimed: list[Delivery] = []
        lease = self.settings.webhooks.timeout + LEASE
        try:
            for _ in range(5):  # each time without the receivers that have enough by now
                shut = self._lanes.shut()
                found = await self.records.read(lambda c: deliveries.candidates(c, shut, LOOK))  # noqa: B023
                chosen += [id for id, url in found if self._lanes.enter(id, url)]
                if len(found) < LOOK or not self._lanes.room() or self._lanes.shut() == shut:
                    break
            if chosen:
                claimed = await self.records.write(lambda c: deliveries.claim(c, chosen, lease))
        finally:
            for id in set(chosen) - {delivery.id for delivery in claimed}:
                self._lanes.leave(id)
        for delivery in claimed:
            flight = asyncio.create_task(self._fly(sender, delivery))
            self._flights[delivery.id] = flight
            flight.add_done_callback(partial(self._landed, delivery.id))
        return len(claimed)

    async def _fly(self, sender: Sender, delivery: Delivery) -> None:
        """One attempt, and what follows from it."""
        if delivery.stray is not None:
            outcome = Outcome(time.time(), None, 0, delivery.stray)
            verdict = Verdict("failed", None, entries(delivery.log, outcome))
        else:
            body = await self._body(delivery)
            outcome = await sender.send(delivery.url, delivery.event, body, delivery.secrets)
            self._lanes.learn(delivery.id, outcome)
            reach("webhook.sent")
            verdict = judge(
                outcome,
                attempt=delivery.attempt,
                age=delivery.now - delivery.created,
                window=self.settings.webhooks.hours * 3600,
                backoff=self._backoff,
                chance=random.random(),
                log=delivery.log,
            )
        await self.records.write(lambda c: deliveries.settle(c, delivery, verdict))
        self._count(verdict.word)
        if verdict.status == "failed":
            _log.warning(
                "event %s was not delivered to %s: %s",
                delivery.event, self._lanes.name(delivery.url), outcome.error or outcome.status,
            )  # fmt: skip

    async def _body(self, delivery: Delivery) -> str:
        """What is sent: the event, or what the dialect of the job tells its own webhook."""
        own = delivery.endpoint is None and self._news is not None
        told = await self._news(delivery.subject, delivery.type) if own and self._news else None
        return told if told is not None else delivery.body

    def _landed(self, id: str, flight: asyncio.Task[None]) -> None:
        del self._flights[id]
        self._lanes.leave(id)
        self._wake.set()
        if not flight.cancelled() and (error := flight.exception()) is not None:
            _log.error("a delivery was broken off: %s", error, exc_info=error)

    async def _land(self, grace: float) -> None:
        """Wait for what is under way, then break it off and give it back."""
        flights = dict(self._flights)
        if not flights:
            return
        await asyncio.wait(flights.values(), timeout=grace)
        broken = {id: flight for id, flight in flights.items() if not flight.done()}
        for flight in broken.values():
            flight.cancel()
        await asyncio.gather(*broken.values(), return_exceptions=True)
        if broken:
            with contextlib.suppress(MutoscopeError):
                await self.records.write(lambda c: deliveries.release(c, list(broken)))

    async def _sweep(self) -> None:
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP
            while await self.records.write(deliveries.sweep):
                pass
