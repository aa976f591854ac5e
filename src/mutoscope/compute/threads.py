"""Local work in threads of this process.

Renders spend their time in code that lets go of the interpreter lock (NumPy, OpenCV, numba, FFmpeg),
so a thread serves a command line as well as a process does, and starts at once.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mutoscope.compute.base import Cancel, Progress

__all__ = ["Cancel", "Progress", "Threads"]


@dataclass
class _Job:
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    stage: str = ""
    progress: float = 0.0
    result: Any = None
    error: BaseException | None = None
    callbacks: list[Callable[[], None]] = field(default_factory=list)


class Threads:
    """A Compute that runs work beside the caller, one thread a job, and keeps what each came to."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> str:
        """Start `work(*arguments, progress, cancel)`; the name of the job comes back at once."""
        job = _Job()
        name = uuid.uuid4().hex
        self._jobs[name] = job

        def tell(stage: str, fraction: float) -> None:
            job.stage, job.progress = stage, fraction

        def run() -> None:
            try:
                job.result = work(*arguments, tell, job.stop.is_set)
            except BaseException as error:
                job.error = error
            finally:
                with self._lock:
                    job.ended.set()
                for callback in job.callbacks:
                    callback()

        threading.Thread(target=run, name=f"mutoscope-{name[:8]}", daemon=True).start()
        return name

    def known(self, name: str) -> bool:
        """Whether this process started that job (it did not, after a restart)."""
        return name in self._jobs

    def progress(self, name: str) -> tuple[str, float]:
        """The stage the job is in, and how much of it is done, 0..1."""
        job = self._jobs[name]
        return job.stage, job.progress

    def ended(self, name: str, wait: float = 0.0) -> bool:
        """Whether the job has ended, waiting for at most `wait` seconds."""
        return self._jobs[name].ended.wait(wait)

    def error(self, name: str) -> BaseException | None:
        """What the job failed with; None while it runs, or where it did not fail."""
        return self._jobs[name].error

    def result(self, name: str) -> Any:
        """What the job came to; raises what it raised. The job is forgotten."""
        job = self._jobs.pop(name)
        job.ended.wait()
        if job.error is not None:
            raise job.error
        return job.result

    def cancel(self, name: str) -> None:
        """Ask the job to stop at its next frame; a thread cannot be stopped by force."""
        if name in self._jobs:
            self._jobs[name].stop.set()

    def when_ended(self, name: str, callback: Callable[[], None]) -> None:
        """Call `callback` once when the job has ended, or at once where it has."""
        job = self._jobs[name]
        with self._lock:
            waits = not job.ended.is_set()
            if waits:
                job.callbacks.append(callback)
        if not waits:
            callback()
