"""The devices of this machine, each with a process of its own that films one order after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mutoscope.compute.processes import Processes
from mutoscope.config import Gpu
from mutoscope.engines.base import Footage, Order


class Fleet:
    """A Compute over devices; `film` chooses the device."""

    def __init__(self, settings: Gpu) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._pool = Processes(
            1, seconds=settings.job_seconds, nice=0, name="gpu", eager=False,
            idle_seconds=settings.idle_seconds,
        )  # fmt: skip

    def film(self, work: Callable[..., Footage], order: Order, wanted: Any) -> str:
        """Queue an order; its name comes back at once."""
        return self.submit(work, order, wanted)

    def submit(self, work: Callable[..., Any], *arguments: Any) -> str:
        return self._pool.submit(work, *arguments)

    def known(self, name: str) -> bool:
        return self._pool.known(name)

    def progress(self, name: str) -> tuple[str, float]:
        return self._pool.progress(name)

    def ended(self, name: str, wait: float = 0.0) -> bool:
        return self._pool.ended(name, wait)

    def error(self, name: str) -> BaseException | None:
        return self._pool.error(name)

    def result(self, name: str) -> Any:
        return self._pool.result(name)

    def cancel(self, name: str) -> None:
        self._pool.cancel(name)

    def when_ended(self, name: str, callback: Callable[[], None]) -> None:
        self._pool.when_ended(name, callback)


@lru_cache(maxsize=4)
def shared_fleet(settings: Gpu) -> Fleet:
    """The one fleet of this process for these settings: all engines share the devices."""
    return Fleet(settings)
