"""Local work in threads of this process.

Renders spend their time in code that lets go of the interpreter lock (NumPy, OpenCV, numba, FFmpeg),
so a thread serves a command line as well as a process does, and starts at once.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mutoscope.errors import Cancelled

Result = TypeVar("Result")
Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]
Work = Callable[[Progress, Cancel], Result]


@dataclass
class _Job(Generic[Result]):
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    stage: str = ""
    progress: float = 0.0
    result: Result | None = None
    error: BaseException | None = None


class Threads(Generic[Result]):
    """Runs work beside the caller, one thread a job, and keeps what each came to."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job[Result]] = {}

    def submit(self, work: Work[Result]) -> str:
        """Start `work(progress, cancel)`; the name of the job comes back at once."""
        job: _Job[Result] = _Job()
        name = uuid.uuid4().hex
        self._jobs[name] = job

        def tell(stage: str, fraction: float) -> None:
            job.stage, job.progress = stage, fraction

        def run() -> None:
            try:
                job.result = work(tell, job.stop.is_set)
            except BaseException as error:
                job.error = error
            finally:
                job.ended.set()

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

    def result(self, name: str) -> Result:
        """What the job came to; raises what it raised. The job is forgotten."""
        job = self._jobs.pop(name)
        job.ended.wait()
        if job.error is not None:
            raise job.error
        if job.result is None:
            raise Cancelled("the work ended without a result")
        return job.result

    def cancel(self, name: str) -> None:
        """Ask the job to stop at its next frame."""
        self._jobs[name].stop.set()
