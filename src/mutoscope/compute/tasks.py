"""What a pool was asked to do, between those who ask and the thread that sees to it."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from mutoscope.errors import Cancelled, EngineFailed

log = logging.getLogger("mutoscope.compute")

_KEPT = 1000  # results that nobody has taken


@dataclass
class Task:
    """`payload` is the pickled work and its arguments, `result` what it came to, pickled; `due` is when
    it expects to end, by `time.monotonic`."""

    name: str
    payload: bytes
    stage: str = ""
    progress: float = 0.0
    due: float | None = None
    cancelled: bool = False
    sent: int = 0  # times it was given to a worker
    taken: bool = False  # a worker has begun it
    result: bytes | None = None
    error: BaseException | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    callbacks: list[Callable[[], None]] = field(default_factory=list)


class Tasks:
    """Every task that was not taken back yet, and the order in which they wait. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: dict[str, Task] = {}
        self._waiting: OrderedDict[str, Task] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()  # ended and not taken, the oldest first
        self._to_stop: list[str] = []
        self.closed = False

    def add(self, payload: bytes) -> Task:
        """A new one, behind all that wait. Raises EngineFailed once closed."""
        task = Task(uuid.uuid4().hex, payload)
        with self._lock:
            if self.closed:
                raise EngineFailed("the server is closing; send it again", code="closing")
            self._all[task.name] = self._waiting[task.name] = task
        return task

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def __getitem__(self, name: str) -> Task:
        return self._all[name]

    def get(self, name: str) -> Task | None:
        return self._all.get(name)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def next(self) -> Task | None:
        """The one that has waited longest; it no longer waits."""
        with self._lock:
            return self._waiting.popitem(last=False)[1] if self._waiting else None

    def put_back(self, task: Task) -> None:
        """It was not begun after all: it is the next."""
        task.stage = ""
        with self._lock:
            self._waiting[task.name] = task
            self._waiting.move_to_end(task.name, last=False)

    def forget(self, name: str) -> None:
        with self._lock:
            self._all.pop(name, None)
            self._over.pop(name, None)

    def cancel(self, name: str) -> bool:
        """Stop it; whether it runs, so that its worker must be told (`to_stop`)."""
        with self._lock:
            task = self._all.get(name)
            if task is None or task.ended.is_set() or task.cancelled:
                return False
            task.cancelled = True
            runs = self._waiting.pop(name, None) is None
            if runs:
                self._to_stop.append(name)
        if not runs:
            self.end(task, error=stopped())
        return runs

    def to_stop(self) -> list[str]:
        """Those that run and were cancelled since the last time."""
        with self._lock:
            names, self._to_stop = self._to_stop, []
        return names

    def when_ended(self, name: str, callback: Callable[[], None]) -> None:
        task = self._all[name]
        with self._lock:
            waits = not task.ended.is_set()
            if waits:
                task.callbacks.append(callback)
        if not waits:
            callback()

    def end(
        self, task: Task, *, result: bytes | None = None, error: BaseException | None = None
    ) -> None:
        """It came to a result, or to an error; whoever waits is told."""
        with self._lock:
            if error is None:
                task.progress = 1.0
            task.result, task.error = result, error
            task.ended.set()
            callbacks, task.callbacks = task.callbacks, []
            self._over[task.name] = None
            while len(self._over) > _KEPT:
                name, _ = self._over.popitem(last=False)
                self._all.pop(name, None)
        for callback in callbacks:
            try:
                callback()
            except Exception:
                log.exception("whoever waited for a piece of work could not be told")

    def fail_waiting(self, error: EngineFailed) -> None:
        """Everything that waits has failed."""
        while (task := self.next()) is not None:
            self.end(task, error=error)

    def close(self) -> None:
        """Nothing more is taken, and what has not ended is stopped."""
        with self._lock:
            self.closed = True
            self._waiting.clear()
            left = [task for task in self._all.values() if not task.ended.is_set()]
        for task in left:
            self.end(task, error=stopped())


def stopped() -> Cancelled:
    return Cancelled("stopped; nothing half-written was left")
