"""Where local engines run, seen by an engine: submit work, watch it, take what it came to.

Threads serve a command line, processes a server, and a cluster may take their place: an engine that is
given a Compute does not notice which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]


def expect(progress: Progress, left: float | None) -> None:
    """Say with the next word of progress that the work will take `left` seconds more; None: nobody can
    tell. Where `progress` is a plain function nobody is told."""
    tell = getattr(progress, "expect", None)
    if tell is not None:
        tell(left)


class Compute(Protocol):
    """Work is a function at the top of a module, called as `work(*arguments, progress, cancel)`; it and
    its arguments must be picklable. `name` is what `submit` returned."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> str:
        """Queue the work; its name comes back at once."""

    def known(self, name: str) -> bool:
        """Whether that work was submitted here (it was not, after a restart) and not yet taken."""

    def progress(self, name: str) -> tuple[str, float]:
        """The stage it is in, "" while it waits for its turn, and how much is done, 0..1."""

    def ended(self, name: str, wait: float = 0.0) -> bool:
        """Whether it has ended, waiting for at most `wait` seconds."""

    def error(self, name: str) -> BaseException | None:
        """What it failed with: its own error, or EngineFailed where its process died or ran out of
        memory or time. None while it runs, or where it did not fail."""

    def result(self, name: str) -> Any:
        """What it came to; raises what it raised. The work is forgotten."""

    def cancel(self, name: str) -> None:
        """Stop it: it ends with Cancelled within a second, at its next frame or by force. Nothing
        happens where it has ended, or is not known."""

    def when_ended(self, name: str, callback: Callable[[], None]) -> None:
        """Call `callback` once when it has ended, from a thread of the compute's own, or at once where
        it has (an event loop passes `call_soon_threadsafe`). It must be quick and raise nothing."""
