"""Local work in processes beside this one: a render that is killed fails alone, and can be stopped.

One thread of the pool starts the workers, listens to them, and ends those that must end. It stays as
long as the pool does, for the system ties a child to the thread that started it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import selectors
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from mutoscope.compute.child import Options
from mutoscope.compute.failures import died, out_of_time
from mutoscope.compute.scratch import Scratch
from mutoscope.compute.worker import Worker
from mutoscope.errors import Cancelled, EngineFailed

log = logging.getLogger("mutoscope.compute")

GRACE = 0.7  # seconds for work to stop by itself before it is killed
_START = 120.0  # seconds for a worker to start
_KEPT = 1000  # results that nobody has taken
_LEAST_PAUSE, _MOST_PAUSE = 0.5, 30.0  # seconds between attempts to start a worker that does not
_GIVE_UP = 3  # attempts after which work that waits is told


@dataclass
class _Task:
    name: str
    payload: bytes
    stage: str = ""
    progress: float = 0.0
    cancelled: bool = False
    sent: int = 0  # times it was given to a worker
    taken: bool = False  # a worker has begun it
    result: bytes | None = None
    error: BaseException | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    callbacks: list[Callable[[], None]] = field(default_factory=list)


class Processes:
    """A Compute of `count` worker processes; see `compute.base`.

    `memory` bytes and `seconds` bound each piece of work (0: no limit); `nice` is added to the
    priority of a worker; `threads` is how many the libraries in it use; `warm` are modules that it
    imports ahead. `name` ("render", "probe") is for messages, which also name the settings
    compute.<name>_memory and _seconds. Workers start at once where `eager`, else with the first work;
    one that has waited `idle_seconds` ends. To be closed, or used as a context manager.
    """

    def __init__(
        self,
        count: int,
        *,
        memory: int = 0,
        seconds: float = 0.0,
        nice: int = 10,
        threads: int | None = None,
        warm: Sequence[str] = (),
        name: str = "render",
        eager: bool = True,
        idle_seconds: float | None = None,
        scratch: Path | None = None,
    ) -> None:
        self._options = Options(name=name, memory=memory, nice=nice, warm=tuple(warm))
        self._count, self._seconds, self._threads = max(1, count), seconds, threads
        self._eager, self._idle_seconds = eager and idle_seconds is None, idle_seconds
        self._lock = threading.Lock()
        self._tasks: dict[str, _Task] = {}
        self._waiting: OrderedDict[str, _Task] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()  # ended and not taken, the oldest first
        self._cancels: list[str] = []
        self._closing = self._closed = False
        self._workers: dict[int, Worker] = {}  # by its pipe
        self._started = self._failed_starts = 0
        self._start_after = 0.0
        self._scratch = Scratch(scratch)
        self._selector = selectors.DefaultSelector()
        self._wakes, self._wake_end = os.pipe()
        for pipe in (self._wakes, self._wake_end):
            os.set_blocking(pipe, False)
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name=f"{name}-processes", daemon=True)
        self._thread.start()

    # --- what callers use -----------------------------------------------------------------------

    def submit(self, work: Callable[..., Any], *arguments: Any) -> str:
        """Queue `work(*arguments, progress, cancel)`; its name comes back at once. TypeError for what
        cannot be sent to another process."""
        if getattr(work, "__module__", "") == "__main__" or "<" in getattr(
            work, "__qualname__", ""
        ):
            raise TypeError(
                f"{work!r} is not a function at the top of a module that can be imported"
            )
        try:
            payload = pickle.dumps((work, arguments), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            raise TypeError(f"{work!r} cannot be sent to another process: {error}") from error
        task = _Task(uuid.uuid4().hex, payload)
        with self._lock:
            if self._closing:
                raise EngineFailed("the server is closing; send it again", code="closing")
            self._tasks[task.name] = self._waiting[task.name] = task
        self._wake()
        return task.name

    def known(self, name: str) -> bool:
        return name in self._tasks

    def progress(self, name: str) -> tuple[str, float]:
        task = self._tasks[name]
        return task.stage, task.progress

    def ended(self, name: str, wait: float = 0.0) -> bool:
        return self._tasks[name].ended.wait(wait)

    def error(self, name: str) -> BaseException | None:
        return self._tasks[name].error

    def result(self, name: str) -> Any:
        """What it came to, waiting for its end; raises what it raised. The work is forgotten."""
        task = self._tasks[name]
        task.ended.wait()
        with self._lock:
            self._tasks.pop(name, None)
            self._over.pop(name, None)
        if task.error is not None:
            raise task.error
        assert task.result is not None
        return pickle.loads(task.result)

    def cancel(self, name: str) -> None:
        """It ends within a second: by itself, or with its process after `GRACE` seconds."""
        with self._lock:
            task = self._tasks.get(name)
            if task is None or task.ended.is_set() or task.cancelled:
                return
            task.cancelled = True
            waited = self._waiting.pop(name, None) is not None
            if not waited:
                self._cancels.append(name)
        if waited:
            self._end(task, error=_stopped())
        else:
            self._wake()

    def when_ended(self, name: str, callback: Callable[[], None]) -> None:
        task = self._tasks[name]
        with self._lock:
            waits = not task.ended.is_set()
            if waits:
                task.callbacks.append(callback)
        if not waits:
            callback()

    @property
    def alive(self) -> bool:
        """Whether somebody looks after the workers: false after `close`, or where that broke."""
        return self._thread.is_alive() and not self._closed

    def close(self) -> None:
        """End every worker; work that is not done ends with Cancelled."""
        with self._lock:
            if self._closed:
                return
            self._closing = self._closed = True
        self._wake()
        self._thread.join()
        self._selector.close()
        os.close(self._wakes)
        os.close(self._wake_end)
        self._scratch.remove()

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- the pool's own thread ------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing:
                self._staff()
                self._assign()
                for key, _ in self._selector.select(self._pause()):
                    self._listen(key.fd, key.data)
                self._pass_on_cancels()
                self._end_the_late()
        except BaseException:
            log.exception("the pool of %s processes fails", self._options.name)
            raise
        finally:
            with self._lock:
                self._closing = True
                left = list(self._tasks.values())
                self._waiting.clear()
            for worker in list(self._workers.values()):
                worker.kill()
            for worker in list(self._workers.values()):
                self._lose(worker)
            for task in left:
                if not task.ended.is_set():
                    self._end(task, error=_stopped())

    def _staff(self) -> None:
        """Start the workers that are wanted."""
        while len(self._workers) < self._wanted() and time.monotonic() >= self._start_after:
            self._started += 1
            number = self._started
            try:
                room = self._scratch.room(f"worker-{number}")
                worker = Worker(number, self._options, self._threads, room)
            except OSError as error:
                self._did_not_start(str(error))
                return
            self._workers[worker.told] = worker
            self._selector.register(worker.told, selectors.EVENT_READ, worker)
            self._selector.register(worker.errors, selectors.EVENT_READ, worker)

    def _wanted(self) -> int:
        busy = sum(bool(worker.task) for worker in self._workers.values())
        return self._count if self._eager else min(self._count, busy + len(self._waiting))

    def _assign(self) -> None:
        for worker in self._idle():
            with self._lock:
                if not self._waiting:
                    return
                _, task = self._waiting.popitem(last=False)
            worker.task, worker.since = task.name, time.monotonic()
            if self._seconds:
                worker.kill_at, worker.why = worker.since + self._seconds, "late"
            task.stage, task.sent = "start", task.sent + 1
            worker.say(
                "work", task.name, task.payload
            )  # where it cannot be, the worker is lost soon

    def _pause(self) -> float | None:
        """Seconds until something must be done though nobody says anything."""
        times = [one.kill_at for one in self._workers.values() if one.kill_at is not None]
        times += [one.since + _START for one in self._workers.values() if not one.ready]
        if self._idle_seconds is not None:
            times += [one.since + self._idle_seconds for one in self._idle()]
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
            return
        if kind == "progress":
            task.stage, task.progress = said[1], said[2]
            return
        worker.task, worker.since, worker.kill_at, worker.why = "", time.monotonic(), None, ""
        if kind == "done":
            self._end(task, result=said[1])
            return
        if said[2]:
            log.error("the %s failed:\n%s", self._options.name, said[2])
        if not said[3]:
            worker.why = "leaving"
        self._end(task, error=pickle.loads(said[1]))

    def _pass_on_cancels(self) -> None:
        with self._lock:
            cancels, self._cancels = self._cancels, []
        for worker in list(self._workers.values()):
            if worker.task in cancels:
                worker.say("cancel", worker.task)
                worker.kill_at, worker.why = time.monotonic() + GRACE, "cancelled"

    def _end_the_late(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers.values()):
            if (worker.kill_at is not None and now >= worker.kill_at) or (
                not worker.ready and now >= worker.since + _START
            ):
                worker.kill()
                self._lose(worker)
        for worker in self._idle() if self._idle_seconds is not None else ():
            if now >= worker.since + (self._idle_seconds or 0.0):
                worker.why = "idle"
                worker.dismiss()

    def _lose(self, worker: Worker) -> None:
        """A worker has ended, or must: take back what it held, and say what became of its work."""
        del self._workers[worker.told]
        self._selector.unregister(worker.told)
        with contextlib.suppress(KeyError):
            self._selector.unregister(worker.errors)
        status = worker.end()
        if not worker.ready and not self._closing:
            self._did_not_start(" / ".join(list(worker.printed)[-2:]) or f"exit status {status}")
        task = self._tasks.get(worker.task)
        if task is None:
            return
        if task.cancelled or self._closing:
            self._end(task, error=_stopped())
        elif (
            worker.why == "late"
            and worker.kill_at is not None
            and time.monotonic() >= worker.kill_at
        ):
            self._end(task, error=out_of_time(self._seconds, self._options.name))
        elif not task.taken and task.sent < _GIVE_UP:  # it died while it waited
            task.stage = ""
            with self._lock:
                self._waiting[task.name] = task
                self._waiting.move_to_end(task.name, last=False)
        else:
            log.warning(
                "a %s process died (%d); it last printed: %s",
                self._options.name, status, " / ".join(worker.printed) or "nothing",
            )  # fmt: skip
            error = died(status, self._options.memory, worker.peak, self._options.name)
            self._end(task, error=error)

    def _did_not_start(self, reason: str) -> None:
        """Try again later; after some attempts, tell the work that waits."""
        self._failed_starts += 1
        pause = min(_MOST_PAUSE, _LEAST_PAUSE * 2.0**self._failed_starts)
        self._start_after = time.monotonic() + pause
        log.warning("a %s process does not start: %s", self._options.name, reason)
        if self._failed_starts < _GIVE_UP:
            return
        with self._lock:
            told, self._waiting = list(self._waiting.values()), OrderedDict()
        for task in told:
            self._end(
                task,
                error=EngineFailed(
                    f"no process for the {self._options.name} can be started: {reason}",
                    code="no_worker",
                ),
            )

    def _end(
        self, task: _Task, *, result: bytes | None = None, error: BaseException | None = None
    ) -> None:
        with self._lock:
            if error is None:
                task.progress = 1.0
            task.result, task.error = result, error
            task.ended.set()
            callbacks, task.callbacks = task.callbacks, []
            self._over[task.name] = None
            while len(self._over) > _KEPT:
                name, _ = self._over.popitem(last=False)
                self._tasks.pop(name, None)
        for callback in callbacks:
            try:
                callback()
            except Exception:
                log.exception("whoever waited for a %s could not be told", self._options.name)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._wake_end, b"w")


def _stopped() -> Cancelled:
    return Cancelled("stopped; nothing half-written was left")
