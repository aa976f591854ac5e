"""Flipbook, the embedded engine: a camera moves through the photograph itself, on the CPU."""

from __future__ import annotations

from mutoscope import weights
from mutoscope.compute.base import Compute
from mutoscope.compute.threads import Threads
from mutoscope.compute.warm import Warm
from mutoscope.engines.base import Footage, Operation, Order, Readiness, Recovery, Status
from mutoscope.engines.flipbook.work import filmed
from mutoscope.errors import Cancelled, CannotWrite, EngineFailed, MutoscopeError

#: weights → what is less without them
_LESS = {
    "matte": "no subject layer: the whole picture moves as one sheet",
    "inpaint": "uncovered areas are filled by classical means",
}


#: What a film loads, the slowest first: imports, and kernels that were compiled before.
_LOADED = (
    "numba",
    "av",
    "mutoscope.engines.flipbook.film",
    "mutoscope.engines.flipbook.taking.prepare",
    "mutoscope.engines.flipbook.taking.disparity",
    "mutoscope.engines.flipbook.taking.cutout",
    "mutoscope.engines.flipbook.disclosure",
    "mutoscope.engines.flipbook.camera.path",
    "mutoscope.engines.flipbook.rendering.render",
    "mutoscope.finish.encode",
)


class FlipbookEngine:
    """The engine's door; the film itself is made in `film`."""

    name = "flipbook"
    recovery: Recovery = "repeatable"

    def __init__(self, compute: Compute | None = None) -> None:
        self._compute: Compute = Threads() if compute is None else compute

    def on(self, compute: Compute) -> FlipbookEngine:
        """The same engine, with its films made by `compute`."""
        return FlipbookEngine(compute)

    def check(self) -> Readiness:
        """Always ready; less able without its weights."""
        missing = [
            f"no {name} weights: {less} (mutoscope weights fetch {name})"
            for name, less in _LESS.items()
            if weights.find(name) is None
        ]
        return Readiness(ready=True, limits=tuple(missing))

    def warm(self) -> Warm:
        """Begin to load what a film needs, while the caller still looks at the picture."""
        return Warm(_LOADED)

    def start(self, order: Order) -> Operation:
        """Begin rendering beside the caller."""
        return Operation(self.name, {"job": self._compute.submit(filmed, order)})

    def status(self, operation: Operation) -> Status:
        """What the render is at. A job of an earlier process is lost; the order can be started again."""
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
        """The footage of a finished render. Raises what the render raised; what is not one of
        Mutoscope's own errors becomes EngineFailed."""
        if not self._compute.known(operation.detail["job"]):
            raise EngineFailed("the process that rendered this shot has ended; start it again")
        try:
            footage: Footage = self._compute.result(operation.detail["job"])
        except MutoscopeError:
            raise
        except MemoryError as error:
            raise EngineFailed("flipbook ran out of memory; ask for a smaller size") from error
        except OSError as error:
            raise CannotWrite(f"the film cannot be written: {error.strerror or error}") from error
        except Exception as error:
            raise EngineFailed(f"flipbook failed: {type(error).__name__}: {error}") from error
        return footage

    def cancel(self, operation: Operation) -> None:
        """Stop at the next frame, and wait until it has: its files may then be removed."""
        job = operation.detail["job"]
        if self._compute.known(job):
            self._compute.cancel(job)
            self._compute.ended(job, wait=10.0)
