"""The devices of this machine, each with a process of its own that films one order after the other."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from mutoscope.compute.tasks import stopped
from mutoscope.config import Gpu
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.diffusion.devices import devices
from mutoscope.engines.diffusion.seat import Seat
from mutoscope.engines.diffusion.worker.work import Wanted
from mutoscope.errors import EngineFailed

_KEPT = 1000  # films that nobody has taken


@dataclass
class _Job:
    """`seat` and `task` (its name there) once it has a device; `error` where it ended without one."""

    work: Callable[..., Footage]
    order: Order
    wanted: Wanted
    seats: tuple[Seat, ...]
    ranks: Mapping[str, int]
    seat: Seat | None = None
    task: str = ""
    error: BaseException | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    callbacks: list[Callable[[], None]] = field(default_factory=list)


class Fleet:
    """A Compute over devices. Orders wait in one line, and a device that is free takes the first that it can
    film: no order waits behind a busy device while another has nothing to do. Of several free devices
    the one is taken on which the model is fastest, and of these one that has it already. Raises Missing
    for a device that is not here."""

    def __init__(self, settings: Gpu, scratch: Path | None = None) -> None:
        here = devices(settings)
        cpus = sum(one.cpu for one in here)
        self.seats = tuple(Seat(one, settings, cpus, scratch) for one in here)
        self._lock = threading.Lock()
        self._jobs: dict[str, _Job] = {}
        self._line: list[str] = []
        self._closed = False

    def film(
        self,
        work: Callable[..., Footage],
        order: Order,
        wanted: Wanted,
        fitting: Mapping[str, int] | None = None,
    ) -> str:
        """Queue an order; its name comes back at once. `fitting` are the names of the devices that are
        large enough for it, each with how slow it is there (0 the fastest); None: all, alike. Raises
        EngineFailed once closed."""
        ranks = fitting or {one.device.name: 0 for one in self.seats}
        seats = tuple(one for one in self.seats if one.device.name in ranks)
        name = uuid.uuid4().hex
        with self._lock:
            if self._closed:
                raise EngineFailed("the server is closing; send it again", code="closing")
            self._jobs[name] = _Job(work, order, wanted, seats, ranks)
            self._line.append(name)
            self._prune()
        self._assign()
        return name

    def submit(self, work: Callable[..., Any], *arguments: Any) -> str:
        """As a Compute: `arguments` are the order and what is wanted."""
        return self.film(work, *arguments)

    def known(self, name: str) -> bool:
        return name in self._jobs

    def progress(self, name: str) -> tuple[str, float]:
        job = self._jobs[name]
        if job.seat is None or not job.seat.pool.known(job.task):
            return "", 0.0
        return job.seat.pool.progress(job.task)

    def left(self, name: str) -> float | None:
        """Seconds that it expects to take yet; None where nobody can tell."""
        job = self._jobs[name]
        if job.seat is None or job.ended.is_set() or not job.seat.pool.known(job.task):
            return None
        return job.seat.pool.left(job.task)

    def folder(self, name: str) -> Path:
        """The folder of its order."""
        return self._jobs[name].order.folder

    def device(self, name: str) -> str:
        """The name of the device that it is on, "" while it waits."""
        seat = self._jobs[name].seat
        return "" if seat is None else seat.device.name

    def ended(self, name: str, wait: float = 0.0) -> bool:
        return self._jobs[name].ended.wait(wait)

    def error(self, name: str) -> BaseException | None:
        job = self._jobs[name]
        if job.error is not None or job.seat is None or not job.seat.pool.known(job.task):
            return job.error
        return job.seat.pool.error(job.task)

    def result(self, name: str) -> Any:
        """What it came to, waiting for its end; raises what it raised. It is forgotten."""
        job = self._jobs[name]
        job.ended.wait()
        with self._lock:
            self._jobs.pop(name, None)
        if job.error is not None:
            raise job.error
        assert job.seat is not None
        return job.seat.pool.result(job.task)

    def cancel(self, name: str) -> None:
        """It ends within a step, and its device keeps the model; what waits ends at once."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.ended.is_set():
                return
            waits = name in self._line
            if waits:
                self._line.remove(name)
            seat = job.seat
        if waits:
            self._end(job, stopped())
        elif seat is not None:
            seat.pool.cancel(job.task)

    def when_ended(self, name: str, callback: Callable[[], None]) -> None:
        job = self._jobs[name]
        with self._lock:
            waits = not job.ended.is_set()
            if waits:
                job.callbacks.append(callback)
        if not waits:
            callback()

    @property
    def pids(self) -> dict[str, tuple[int, ...]]:
        """The process ids of each device."""
        return {seat.device.name: seat.pool.pids for seat in self.seats}

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """End every process; what is not done ends with Cancelled."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            waiting = [self._jobs[name] for name in self._line]
            self._line.clear()
        for job in waiting:
            self._end(job, stopped())
        for seat in self.seats:
            seat.pool.close()

    def _assign(self) -> None:
        """Give every free device the first order of the line that it can film."""
        while True:
            with self._lock:
                found = self._next()
                if found is None:
                    return
                job, seat = found
                failure = self._seated(job, seat)
            if failure is not None:
                self._end(job, failure)
                continue
            seat.pool.when_ended(job.task, partial(self._done, job, seat))

    def _seated(self, job: _Job, seat: Seat) -> Exception | None:
        """Give it to that device; why that cannot be."""
        try:
            wanted = replace(job.wanted, device=seat.device.name, here=seat.device)
            job.task = seat.pool.submit(job.work, job.order, wanted)
        except Exception as error:  # it cannot be sent, or the pool is closing
            return error
        seat.take(job.wanted)
        job.seat = seat
        return None

    def _next(self) -> tuple[_Job, Seat] | None:
        """The first of the line for which a device is free; it no longer waits."""
        for name in [] if self._closed else self._line:
            job = self._jobs[name]
            free = [seat for seat in job.seats if not seat.busy]
            if free:
                self._line.remove(name)
                return job, max(free, key=partial(_worth, job))
        return None

    def _done(self, job: _Job, seat: Seat) -> None:
        """In the thread of the device's pool."""
        with self._lock:
            seat.busy = False
        self._end(job, None)
        self._assign()

    def _end(self, job: _Job, error: BaseException | None) -> None:
        with self._lock:
            job.error = error
            job.ended.set()
            callbacks, job.callbacks = job.callbacks, []
        for callback in callbacks:
            callback()

    def _prune(self) -> None:
        over = [name for name, job in self._jobs.items() if job.ended.is_set()]
        for name in over[: max(0, len(over) - _KEPT)]:
            del self._jobs[name]


def _worth(job: _Job, seat: Seat) -> tuple[int, int]:
    """Where it is filmed fastest, and of these where the model is."""
    return -job.ranks[seat.device.name], seat.worth(job.wanted)
