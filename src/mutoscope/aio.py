"""The verbs for asyncio: the same names, arguments and errors as in `mutoscope`, awaited.

The work runs in a thread beside the event loop; a cancelled task stops it at its next frame.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from mutoscope import client, refilm
from mutoscope.direction import parse
from mutoscope.images import inspect as inspecting
from mutoscope.images import prepare as preparing
from mutoscope.quality import measure as measuring

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _awaited(
    verb: Callable[Arguments, Result], *, stoppable: bool = False
) -> Callable[Arguments, Awaitable[Result]]:
    @wraps(verb)
    async def run(*args: Arguments.args, **named: Arguments.kwargs) -> Result:
        stop = threading.Event()
        if stoppable:
            asked = named.get("cancel")
            named["cancel"] = lambda: stop.is_set() or (callable(asked) and bool(asked()))
        try:
            return await asyncio.to_thread(verb, *args, **named)
        except asyncio.CancelledError:
            stop.set()
            raise

    return run


animate = _awaited(client.animate, stoppable=True)
edit = _awaited(refilm.edit, stoppable=True)
extend = _awaited(refilm.extend, stoppable=True)
direct = _awaited(parse.direct)
prepare = _awaited(preparing.prepare)
inspect = _awaited(inspecting.inspect)
measure = _awaited(measuring.measure, stoppable=True)
