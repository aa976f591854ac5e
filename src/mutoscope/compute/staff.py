"""The thread of a pool: it starts the workers, listens to them, and ends those that must end.

It stays as long as the pool does, for the system ties a child to the thread that started it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import selectors
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mutoscope.compute.child import Options
from mutoscope.compute.failures import died, out_of_time
from mutoscope.compute.scratch import Scratch
from mutoscope.compute.tasks import Tasks, stopped
from mutoscope.compute.worker import Worker
from mutoscope.errors import EngineFailed

log = logging.getLogger("mutoscope.compute")

GRACE = 0.7  # seconds for work to stop by itself before it is killed
_START = 120.0  # seconds for a worker to start
_LEAST_PAUSE, _MOST_PAUSE = 0.5, 30.0  # seconds between attempts to start a worker that does not
_GIVE_UP = 3  # attempts after which work that waits is told


@dataclass(frozen=True, slots=True)
class Terms:
    """How a pool is staffed; see `Processes`."""

    count: int
    options: Options
    seconds: float
    threads: int | None
    eager: bool
    idle_seconds: float | None
    grace: float = GRACE
    setting: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


class Staff:
    """The workers of a pool, and the thread that is theirs alone."""

    def __init__(self, terms: Terms, tasks: Tasks, scratch: Scratch) -> None:
        self._terms = terms
        self._name = terms.options.name
        self._tasks = tasks
        self._scratch = scratch
        self._closing = False
        self._workers: dict[int, Worker] = {}  # by its pipe
        self._started = self._failed_starts = 0
        self._start_after = 0.0
        self._selector = selectors.DefaultSelector()
        self._wakes, self._wake_end = os.pipe()
        for pipe in (self._wakes, self._wake_end):
            os.set_blocking(pipe, False)
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name=f"{self._name}-pool", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread is at its work."""
        return self._thread.is_alive() and not self._closing

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(worker.process.pid for worker in list(self._workers.values()))

    def wake(self) -> None:
        """There is something new: work, a cancellation."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._wake_end, b"w")

    def dismiss(self) -> None:
        """End every worker, and the thread."""
        self._closing = True
        self.wake()
        self._thread.join()
        self._selector.close()
        os.close(self._wakes)
        os.close(self._wake_end)

    # --- in the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing:
                self._start_wanted()
                self._assign()
                for key, _ in self._selector.select(self._pause()):
                    self._listen(key.fd, key.data)
                self._pass_on_cancels()
                self._end_the_late()
        except BaseException:
            log.exception("the pool of %s processes fails", self._name)
            raise
        finally:
            self._closing = True
            for worker in list(self._workers.values()):
                worker.kill()
            for worker in list(self._workers.values()):
                self._lose(worker)
            self._tasks.close()

    def _start_wanted(self) -> None:
        while len(self._workers) < self._wanted() and time.monotonic() >= self._start_after:
            self._started += 1
            try:
                room = self._scratch.room(f"worker-{self._started}")
                terms = self._terms
                worker = Worker(self._started, terms.options, terms.threads, room, terms.variables)
            except OSError as error:
                self._did_not_start(str(error))
                return
            self._workers[worker.told] = worker
            self._selector.register(worker.told, selectors.EVENT_READ, worker)
            self._selector.register(worker.errors, selectors.EVENT_READ, worker)

    def _wanted(self) -> int:
        busy = sum(bool(worker.task) for worker in self._workers.values())
        count = self._terms.count
        return count if self._terms.eager else min(count, busy + self._tasks.waiting)

    def _assign(self) -> None:
        for worker in self._idle():
            task = self._tasks.next()
            if task is None:
                return
            worker.task, worker.since = task.name, time.monotonic()
            if self._terms.seconds:
                worker.kill_at, worker.why = worker.since + self._terms.seconds, "late"
            task.stage, task.sent = "start", task.sent + 1
            # where it cannot be told, the worker is lost at the next look, and the task put back
            worker.say("work", task.name, task.payload)

    def _pause(self) -> float | None:
        """Seconds until something must be done though nobody says anything."""
        times = [one.kill_at for one in self._workers.values() if one.kill_at is not None]
        times += [one.since + _START for one in self._workers.values() if not one.ready]
        if self._terms.idle_seconds is not None:
            times += [one.since + self._terms.idle_seconds for one in self._idle()]
        if len(self._workers) < self._wanted():
            times.append(self._start_after)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _idle(self) -> list[Worker]:
        return [one for one in self._workers.values() if one.ready and not one.task and not one.why]

    def _listen(self, pipe: int, worker: Worker | None) -> None:
        if worker is None:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wakes, 4096)
        elif self._workers.get(worker.told) is not worker:
            return  # it was lost a moment ago
        elif pipe == worker.errors:
            if not worker.read_errors():
                self._selector.unregister(worker.errors)
        elif (messages := worker.heard()) is None:
            self._lose(worker)
        else:
            for message in messages:
                self._hear(worker, message)

    def _hear(self, worker: Worker, message: tuple[Any, ...]) -> None:
        kind, *said = message
        if kind == "ready":
            worker.ready, worker.since, self._failed_starts = True, time.monotonic(), 0
            return
        task = self._tasks.get(worker.task)
        if task is None or said[0] != worker.task:
            return
        if kind == "taken":
            task.taken, task.payload = True, b""
        elif kind == "progress":
            task.stage, task.progress = said[1], said[2]
            task.due = None if said[3] is None else time.monotonic() + said[3]
        else:
            worker.rest()
            if kind == "done":
                self._tasks.end(task, result=said[1])
                return
            if said[2]:
                log.error("the %s failed:\n%s", self._name, said[2])
            if not said[3]:
                worker.why = "leaving"
            self._tasks.end(task, error=pickle.loads(said[1]))

    def _pass_on_cancels(self) -> None:
        names = self._tasks.to_stop()
        for worker in list(self._workers.values()):
            if worker.task in names:
                worker.say("cancel", worker.task)
                worker.kill_at, worker.why = time.monotonic() + self._terms.grace, "cancelled"

    def _end_the_late(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers.values()):
            late = worker.kill_at is not None and now >= worker.kill_at
            if late or (not worker.ready and now >= worker.since + _START):
                worker.kill()
                self._lose(worker)
        idle_seconds = self._terms.idle_seconds
        for worker in self._idle() if idle_seconds is not None else ():
            if now >= worker.since + (idle_seconds or 0.0):
                worker.why = "idle"
                worker.dismiss()

    def _lose(self, worker: Worker) -> None:
        """A worker has ended, or must: take back what it held, and say what became of its work."""
        del self._workers[worker.told]
        self._selector.unregister(worker.told)
        with contextlib.suppress(KeyError):
            self._selector.unregister(worker.errors)
        late = worker.why == "late" and time.monotonic() >= (worker.kill_at or 0.0)
        status = worker.end()
        printed = " / ".join(worker.printed)
        if not worker.ready and not self._closing:
            self._did_not_start(printed[-400:] or f"exit status {status}")
        task = self._tasks.get(worker.task)
        if task is None:
            return
        if task.cancelled or self._closing:
            self._tasks.end(task, error=stopped())
        elif late:
            self._tasks.end(
                task, error=out_of_time(self._terms.seconds, self._name, self._terms.setting)
            )
        elif not task.taken and task.sent < _GIVE_UP:  # it died while it waited
            self._tasks.put_back(task)
        else:
            log.warning("a %s process died (%d); it last printed: %s", self._name, status, printed or "nothing")  # fmt: skip
            error = died(status, self._terms.options.memory, worker.peak, self._name)
            self._tasks.end(task, error=error)

    def _did_not_start(self, reason: str) -> None:
        """Try again later; after some attempts, tell the work that waits."""
        self._failed_starts += 1
        pause = min(_MOST_PAUSE, _LEAST_PAUSE * 2.0**self._failed_starts)
        self._start_after = time.monotonic() + pause
        log.warning("a %s process does not start: %s", self._name, reason)
        if self._failed_starts >= _GIVE_UP:
            said = f"no process for the {self._name} can be started: {reason}"
            self._tasks.fail_waiting(EngineFailed(said, code="no_worker"))
