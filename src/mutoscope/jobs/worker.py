"""The worker: claims jobs that are due and has their stages run.

One asyncio task claims, one renews leases, one looks for jobs to cancel, one lets jobs try that wait for
room at an engine, one deletes what has expired. Several workers may share the records: what one drops, by ending or by losing its
lease, another takes up after the last commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from mutoscope.jobs import accounts
from mutoscope.jobs.claimed import interrupted, work
from mutoscope.jobs.clock import Clock
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Job, Lease
from mutoscope.jobs.retention import Retention
from mutoscope.jobs.stages import poll
from mutoscope.jobs.stages.table import LANES, Lane
from mutoscope.jobs.waiting import due_stages, taken_back
from mutoscope.storage.database import RecordsUnavailable

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

SCAN = 1.0  # seconds at most between looks for due jobs: what other servers do makes no sound here
LEAST = 0.01  # seconds at least
LONGEST_BREATH = 0.1  # seconds: looking takes half of the time at most, whatever arrives meanwhile
WATCH = 0.25  # seconds between looks for jobs to cancel
CALL_IN = 1.0  # seconds between looks for room at engines with a limit
HANDED_BACK = 5.0  # seconds for what is handed back to stop
LEFT_OVER = 3600.0  # seconds after which a work folder belongs to no living worker


class Worker:
    """See the module. `owner` names this worker among all that share the records, for this run only."""

    def __init__(self, house: House, owner: str) -> None:
        self.house = house
        self.owner = owner
        self.clock = Clock()
        self.pace = house.pace
        self.retention = Retention(house)
        self._held: dict[str, tuple[Held, asyncio.Task[None]]] = {}
        self._busy: Counter[str] = Counter()
        self._devices = 0  # 0: not counted yet
        self._due = asyncio.Event()
        self._ended = asyncio.Event()
        self._stopping = False
        self._claiming = (
            asyncio.Lock()
        )  # held while jobs are claimed that are in nobody's hands yet
        self._breath = 0.0  # seconds between looks, however often they are asked for
        self._full = False  # due jobs wait for a slot
        self._folder = house.records.folder / "work" / "jobs"

    async def run(self) -> None:
        """Work until `stop`, or until cancelled. A worker runs once."""
        await self.clock.set(self.house.records)
        if (
            self.house.records.dialect == "sqlite"
        ):  # its folder has one server: who held leases is dead
            await self.house.ledger.clear_leases()
        await asyncio.to_thread(self._sweep)
        unwatch = self.house.ledger.watch(self._changed)
        turns = (self._claim, self._renew, self._watch, self._call_in, self.retention.turn)
        tasks = [asyncio.create_task(self._steadily(turn)) for turn in turns]
        try:
            await self._ended.wait()
        finally:
            unwatch()
            tasks += [task for _, task in self._held.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def stop(self, grace: float) -> None:
        """Claim nothing more, finish what ends within `grace` seconds, and hand back the rest: another
        server, or the next start of this one, has it at once."""
        self._stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANDED_BACK), self._claiming:
                pass  # what was being claimed is in hand now
        await self._all_over(grace)
        for held, task in list(self._held.values()):
            if (
                not held.shielded
            ):  # an order on its way: its lease runs out, then that is looked into
                task.cancel()
        await self._all_over(HANDED_BACK)
        self._ended.set()

    @property
    def held(self) -> int:
        """How many jobs are in this worker's hands."""
        return len(self._held)

    async def _all_over(self, seconds: float) -> None:
        if tasks := {task for _, task in self._held.values()}:
            await asyncio.wait(tasks, timeout=seconds)

    async def _steadily(self, turn: Callable[[], Awaitable[float]]) -> None:
        """Take turns, each of which says in how many seconds the next is due."""
        while not self._ended.is_set():
            try:
                wait = await turn()
            except RecordsUnavailable as error:
                _log.warning("the worker waits for the records: %s", error.message)
                wait = SCAN
            except Exception:
                _log.exception("the worker's turn %s failed; it is taken again", turn.__name__)
                wait = SCAN
            if turn == self._claim:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._due.wait()
                await asyncio.sleep(self._breath)
            else:
                await asyncio.sleep(wait)

    def _changed(self, job: str) -> None:
        """A job was created, or its caller did something to it. What this worker itself writes down is
        no news: whether more is due then, it knows."""
        if job not in self._held:
            self._due.set()

    async def _claim(self) -> float:
        """Take what is due as far as there are slots."""
        self._due.clear()
        async with self._claiming:
            return SCAN if self._stopping else await self._claim_what_is_due()

    async def _claim_what_is_due(self) -> float:
        begun = self.clock.seconds()
        await self._take(None, 100)
        due = await self.house.records.read(due_stages)
        self._full = False
        for lane in LANES:
            if self._stopping or due.isdisjoint(lane.stages):
                continue
            free = await self._slots(lane) - self._busy[lane.name]
            self._full |= free <= 0 or await self._take(lane, free) == free
        wait = await self.house.ledger.seconds_to_next()
        self._breath = min(self.clock.seconds() - begun, LONGEST_BREATH)
        return min(max(SCAN if wait is None else wait, SCAN if self._full else LEAST), SCAN)

    async def _slots(self, lane: Lane) -> int:
        """How many jobs of a lane may be in this worker's hands."""
        match lane.slots:
            case "renders":
                return self.house.settings.compute.at_once
            case "devices":  # counted when the first job needs one: it may take a moment
                if not self._devices:
                    self._devices = await asyncio.to_thread(self.house.engines.devices)
                return self._devices
        return lane.slots

    async def _take(self, lane: Lane | None, limit: int) -> int:
        """Claim jobs of a lane (None: those to be cancelled, whatever they wait for) and begin with
        each; how many."""
        asked, lease = self.clock.seconds(), self.house.settings.jobs.lease
        ledger = self.house.ledger
        if lane is None:
            jobs = await taken_back(self.house.records, self.owner, limit=limit, lease=lease)
        else:
            jobs = await ledger.claim(self.owner, limit=limit, lease=lease, stages=lane.stages)
        if not jobs:
            return 0
        reach("claimed")
        name = lane.name if lane else "cancel"
        together: dict[str, list[Held]] = {}
        for job in jobs:
            held = self._hold(job, asked + lease)
            if job.stage == "poll" and not job.cancel_requested and poll.tells(self.house, job):
                together.setdefault(job.engine, []).append(held)
            else:
                self._begin(name, [held], work(self.house, held))
        for engine, several in together.items():
            self._begin(name, several, self._poll(engine, several))
        return len(jobs)

    async def _poll(self, engine: str, several: Sequence[Held]) -> None:
        """Ask an engine about many operations in few questions. Where one of their jobs is taken back,
        the question is given up, and the others are asked about anew."""
        try:
            statuses = await poll.asked(self.house, engine, several)
            stages = [poll.with_answer(status) for status in statuses]
        except asyncio.CancelledError:
            stages = [interrupted] * len(several)
        answers = (
            work(self.house, held, stage) for held, stage in zip(several, stages, strict=True)
        )
        await asyncio.gather(*answers)

    def _hold(self, job: Job, until: float) -> Held:
        return Held(
            job=job,
            lease=Lease(job.id, self.owner, job.fence),
            until=until,
            ledger=self.house.ledger,
            clock=self.clock,
            pace=self.pace,
            folder=self._folder / f"{job.id}.{job.fence}",
        )

    def _begin(self, lane: str, several: Sequence[Held], stage: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(stage)
        for held in several:
            self._held[held.job.id] = (held, task)
        self._busy[lane] += len(several)

        def over(task: asyncio.Task[None]) -> None:
            self._busy[lane] -= len(several)
            for held in several:
                if self._held.get(held.job.id, (None,))[0] is held:
                    del self._held[held.job.id]
            if self._full or any(held.moved for held in several):
                self._due.set()
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("what a stage came to was not written down", exc_info=error)

        task.add_done_callback(over)

    async def _renew(self) -> float:
        """Renew the leases that end soon; work whose lease was lost is stopped."""
        lease = self.house.settings.jobs.lease
        soon = [held for held, _ in self._held.values() if held.left() < lease * 5 / 6]
        if soon:
            asked = self.clock.seconds()
            kept = await self.house.ledger.renew([held.lease for held in soon], lease)
            for held in soon:
                if held.job.id in kept:
                    held.until = max(held.until, asked + lease)
                elif (mine := self._held.get(held.job.id)) is not None and mine[0] is held:
                    self._interrupt(held, mine[1], "lost")
        await self.clock.set(self.house.records)
        return lease / 3

    async def _watch(self) -> float:
        """Stop the work on jobs whose callers no longer want them."""
        if self._held:
            for job in await self.house.ledger.cancelling(self.owner):
                if (mine := self._held.get(job)) is not None and not mine[0].job.cancel_requested:
                    self._interrupt(*mine, "cancel")
        return WATCH

    def _interrupt(self, held: Held, task: asyncio.Task[None], wish: str) -> None:
        if not held.wish and not held.shielded:
            held.wish = wish
            task.cancel()

    async def _call_in(self) -> float:
        """Let as many jobs try as there is room for at engines with a limit."""
        for name, account in self.house.settings.engines.items():
            if account.at_once or account.per_minute:
                called = await accounts.call_in(self.house.records, name, account)
                if called:
                    self._due.set()
        return CALL_IN

    def _sweep(self) -> None:
        """Remove work folders and previews that a killed process left."""
        alone = self.house.records.dialect == "sqlite"
        self.house.previews.sweep(0.0 if alone else time.time() - LEFT_OVER)
        for left in self._folder.glob("*"):
            with contextlib.suppress(OSError):
                if self.house.records.dialect == "sqlite" or _old(left.stat().st_mtime):
                    shutil.rmtree(left, ignore_errors=True)


def _old(modified: float) -> bool:
    return time.time() - modified > LEFT_OVER
