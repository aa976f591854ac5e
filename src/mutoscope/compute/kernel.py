"""Compiled loops: numba without the interpreter lock, compiled once a machine and kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def kernel(signature: str) -> Callable[[Callable[..., Any]], Any]:
    """Compile for `signature` at import (loaded from disk after the first time).

    Where no place for the
    compiled code can be written, it is compiled for this process alone.
    """

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(signature, nogil=True, cache=True)(function)
        except RuntimeError as error:  # "cannot cache function: no locator available for file"
            if "cache" not in str(error):
                raise
            return numba.njit(signature, nogil=True)(function)

    return compiled
