"""Work of a Compute, awaited: no thread and no polling while it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

from mutoscope.compute.base import Cancel, Compute, Progress

Result = TypeVar("Result")


async def awaited(compute: Compute, work: Callable[..., Result], *arguments: Any) -> Result:
    """What `work(*arguments, progress, cancel)` comes to, done by `compute`; raises what it raised.
    Whoever cancels the wait cancels the work, and waits on until it has ended: its files may then go."""
    name = compute.submit(work, *arguments)
    try:
        await until_ended(compute, name)
    except asyncio.CancelledError:
        compute.cancel(name)
        await until_ended(compute, name)
        with contextlib.suppress(Exception):
            compute.result(name)  # taken, so that it is forgotten
        raise
    result: Result = compute.result(name)
    return result


async def called(compute: Compute, function: Callable[..., Result], *arguments: Any) -> Result:
    """What a plain function at the top of a module comes to, as `awaited`."""
    result: Result = await awaited(compute, plain, function, *arguments)
    return result


async def until_ended(compute: Compute, name: str) -> None:
    """Wait until that work has ended, well or not."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(ended.set)

    compute.when_ended(name, tell)
    await ended.wait()


def plain(function: Callable[..., Any], *rest: Any) -> Any:
    """A function that knows nothing of progress and cancel, as work."""
    *arguments, _progress, _cancel = rest
    return function(*arguments)


__all__ = ["Cancel", "Progress", "awaited", "called", "plain", "until_ended"]
