"""Compiled loops: numba without the interpreter lock, compiled once a machine and kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numba


def kernel(signature: str, *, inline: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Compile for `signature` at import (loaded from disk after the first time).

    `inline` writes it out wherever another kernel calls it. Where no place for the compiled code can
    be written, it is compiled for this process alone.
    """
    into: Literal["always", "never"] = "always" if inline else "never"

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(signature, nogil=True, cache=True, inline=into)(function)
        except RuntimeError as error:  # "cannot cache function: no locator available for file"
            if "cache" not in str(error):
                raise
            return numba.njit(signature, nogil=True, inline=into)(function)

    return compiled


def late_kernel(*, inline: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """As `kernel`, but compiled for the types of its first call, and with inexact but faster sums."""
    options: dict[str, Any] = {
        "nogil": True,
        "fastmath": True,
        "error_model": "numpy",
        "inline": "always" if inline else "never",
    }

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError as error:
            if "cache" not in str(error):
                raise
            return numba.njit(**options)(function)

    return compiled
