"""The door of an engine that works on this machine: all of it but the work itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

from mutoscope.compute.base import Cancel, Compute, Progress
from mutoscope.compute.threads import Threads
from mutoscope.engines.base import Footage, Operation, Order, Readiness, Recovery, Status
from mutoscope.errors import Cancelled, CannotWrite, EngineFailed, MutoscopeError


class LocalEngine:
    """To be inherited: a subclass has `name`, and `work`, a function at the top of a module that makes an
    order's footage below its folder. It is done by whatever Compute the engine is put `on`, threads of
    this process where nobody said."""

    name: str
    work: ClassVar[Callable[[Order, Progress, Cancel], Footage]]
    recovery: Recovery = "repeatable"

    def __init__(self, compute: Compute | None = None) -> None:
        self._compute: Compute = Threads() if compute is None else compute

    def on(self, compute: Compute) -> Self:
        """The same engine, with its work done by `compute`."""
        return type(self)(compute)

    def check(self) -> Readiness:
        """Ready; an engine that needs something says here what it lacks."""
        return Readiness(ready=True)

    def start(self, order: Order) -> Operation:
        """Begin beside the caller."""
        return Operation(self.name, {"job": self._compute.submit(type(self).work, order)})

    def status(self, operation: Operation) -> Status:
        """What the work is at. What an earlier process began is lost; the order can be started again."""
        job = operation.detail["job"]
        if not self._compute.known(job):
            return Status("failed", error="the process that rendered it has ended; start it again")
        stage, done = self._compute.progress(job)
        if not self._compute.ended(job):
            return Status("running" if stage else "queued", done, stage)
        error = self._compute.error(job)
        if error is None:
            return Status("done", 1.0, stage)
        return Status(
            "cancelled" if isinstance(error, Cancelled) else "failed",
            error=str(error),
            code=error.code if isinstance(error, MutoscopeError) else "",
        )

    def fetch(self, operation: Operation) -> Footage:
        """The footage of finished work. Raises what the work raised; what is not one of Mutoscope's own
        errors becomes EngineFailed."""
        if not self._compute.known(operation.detail["job"]):
            raise EngineFailed("the process that rendered this shot has ended; start it again")
        try:
            footage: Footage = self._compute.result(operation.detail["job"])
        except MutoscopeError:
            raise
        except MemoryError as error:
            raise EngineFailed(f"{self.name} ran out of memory; ask for a smaller size") from error
        except OSError as error:
            raise CannotWrite(f"the film cannot be written: {error.strerror or error}") from error
        except Exception as error:
            raise EngineFailed(f"{self.name} failed: {type(error).__name__}: {error}") from error
        return footage

    def cancel(self, operation: Operation) -> None:
        """Stop at the next frame, and wait until it has: its files may then be removed."""
        job = operation.detail["job"]
        if self._compute.known(job):
            self._compute.cancel(job)
            self._compute.ended(job, wait=10.0)
