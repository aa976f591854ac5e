"""Modules imported ahead of their use, beside work that leaves the interpreter to others.

Most of a short film's start is imports and the loading of compiled kernels. While a network looks at
the picture in code of its own they cost no time.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable
from contextlib import suppress


class Warm:
    """Imports the modules, in their order, in a thread; `stop` ends it after the one it is at.

    What fails here fails again, and is told, where the module is really used."""

    def __init__(self, modules: Iterable[str]) -> None:
        self._modules = tuple(modules)
        self._stop = threading.Event()
        # Not a daemon: an interpreter that ends in the middle of an import may crash.
        self._thread = threading.Thread(target=self._import, name="warm")
        self._thread.start()

    def _import(self) -> None:
        for module in self._modules:
            if self._stop.is_set():
                return
            with suppress(Exception):
                importlib.import_module(module)

    def stop(self) -> None:
        """Import no further modules."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join()
