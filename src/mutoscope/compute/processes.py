"""Local work in processes beside this one: a render that is killed fails alone, and can be stopped."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from mutoscope.compute.child import Options
from mutoscope.compute.scratch import Scratch
from mutoscope.compute.staff import GRACE, Staff, Terms
from mutoscope.compute.tasks import Tasks


class Processes:
    """A Compute of `count` worker processes; see `compute.base`.

    `memory` bytes and `seconds` bound each piece of work (0: no limit); `nice` is added to the
    priority of a worker; `threads` is how many the libraries in it use; `warm` are modules that it
    imports ahead. `name` ("render", "probe") is for messages, which also name the settings
    compute.<name>_memory and _seconds. Workers start at once where `eager`, else with the first work;
    one that has waited `idle_seconds` ends. Work that is cancelled has `grace` seconds to stop by itself
    before its process is killed. `variables` are added to a worker's environment; `setting` is the name
    of the one that `seconds` comes from, where it is another. To be closed, or used as a context manager.
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
        grace: float = GRACE,
        variables: Mapping[str, str] | None = None,
        setting: str = "",
    ) -> None:
        options = Options(name=name, memory=memory, nice=nice, warm=tuple(warm))
        eager = eager and idle_seconds is None
        terms = Terms(
            max(1, count), options, seconds, threads, eager, idle_seconds, grace, setting,
            dict(variables or {}),
        )  # fmt: skip
        self._closing = threading.Lock()
        self._tasks = Tasks()
        self._scratch = Scratch(scratch)
        self._staff = Staff(terms, self._tasks, self._scratch)

    def submit(self, work: Callable[..., Any], *arguments: Any) -> str:
        """Queue `work(*arguments, progress, cancel)`; its name comes back at once. TypeError for what
        cannot be sent to another process, EngineFailed once the pool is closed."""
        module, name = (getattr(work, key, "") for key in ("__module__", "__qualname__"))
        if module == "__main__" or "<" in name:
            raise TypeError(
                f"{work!r} is not a function at the top of a module that can be imported"
            )
        try:
            payload = pickle.dumps((work, arguments), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            raise TypeError(f"{work!r} cannot be sent to another process: {error}") from error
        task = self._tasks.add(payload)
        self._staff.wake()
        return task.name

    def known(self, name: str) -> bool:
        return name in self._tasks

    def progress(self, name: str) -> tuple[str, float]:
        task = self._tasks[name]
        return task.stage, task.progress

    def left(self, name: str) -> float | None:
        """Seconds that it expects to take yet; None where it does not say."""
        due = self._tasks[name].due
        return None if due is None else max(0.0, due - time.monotonic())

    def ended(self, name: str, wait: float = 0.0) -> bool:
        return self._tasks[name].ended.wait(wait)

    def error(self, name: str) -> BaseException | None:
        return self._tasks[name].error

    def result(self, name: str) -> Any:
        """What it came to, waiting for its end; raises what it raised. The work is forgotten."""
        task = self._tasks[name]
        task.ended.wait()
        self._tasks.forget(name)
        if task.error is not None:
            raise task.error
        assert task.result is not None
        return pickle.loads(task.result)

    def cancel(self, name: str) -> None:
        """It ends by itself, or with its process after `grace` seconds: within a second, if not given."""
        if self._tasks.cancel(name):
            self._staff.wake()

    def when_ended(self, name: str, callback: Callable[[], None]) -> None:
        self._tasks.when_ended(name, callback)

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers' process ids, those that are starting too."""
        return self._staff.pids

    @property
    def alive(self) -> bool:
        """Whether somebody looks after the workers: false after `close`, or where that broke."""
        return self._staff.alive

    def close(self) -> None:
        """End every worker; work that is not done ends with Cancelled."""
        if self._closing.acquire(blocking=False):
            self._tasks.closed = True
            self._staff.dismiss()
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
