"""One awaited door over every engine, whether it blocks or not.

An engine on this machine is a plain `Engine`: its calls go to a thread, for they may write files. One
somewhere else is an `AsyncEngine`: it is awaited as it is, and ten thousand of its operations hold no
thread.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from mutoscope.config import EngineAccount
from mutoscope.engines.base import (
    AsyncEngine,
    Engine,
    Finding,
    Footage,
    Operation,
    Order,
    Readiness,
    Recovery,
    Status,
    Telling,
)
from mutoscope.errors import MutoscopeError

FRESH = 30.0  # seconds for which it is believed that an engine is ready
HASTY = 2.0  # and that it is not: its owner may be mending that


class Door:
    """See the module. `name` is the engine's name here: an account's, or the engine's own.

    `local`: the order is worked on in this process's Compute, is lost with it, and can be started
    again; it holds a render slot, or, where the engine is a `device`'s, one of its `devices`. Other
    operations hold nothing while they run, and are polled.
    """

    def __init__(
        self, name: str, engine: Engine | AsyncEngine, account: EngineAccount | None = None
    ) -> None:
        self.name = name
        self.engine = engine
        self.account = account or EngineAccount(kind=engine.name)
        self.recovery: Recovery = engine.recovery
        self.turn = asyncio.Lock()  # held while its account's room is looked at and taken
        self._awaited = inspect.iscoroutinefunction(engine.start)
        self.local = not self._awaited and engine.recovery == "repeatable"
        self.device = self.local and bool(getattr(engine, "device", False))
        # as it was when it was last looked at; before that nobody is sent to a device that may not be there
        self.ready = Readiness(ready=not self.device)
        self._looking = asyncio.Lock()
        self._fresh_until = 0.0

    @property
    def timeout(self) -> float:
        """Seconds after which a submission has certainly ended, one way or another."""
        return self.account.timeout

    @property
    def devices(self) -> int:
        """How many films the engine's devices make at a time. It may take a moment to count them."""
        return max(1, int(getattr(self.engine, "devices", 1)))

    def check(self) -> Readiness:
        """Whether it is ready, and why not."""
        return self.engine.check()

    async def look(self) -> Readiness:
        """The same as it was a moment ago: a look takes its time, and every request would like one."""
        async with self._looking:
            if time.monotonic() >= self._fresh_until:
                self.ready = await asyncio.to_thread(_looked, self.engine)
                self._fresh_until = time.monotonic() + (FRESH if self.ready.ready else HASTY)
        return self.ready

    async def start(self, order: Order) -> Operation:
        """Start the order once. Raises what the engine raises: see `AsyncEngine`."""
        if self._awaited:
            return await self._elsewhere.start(order)
        return await asyncio.to_thread(self._here.start, order)

    async def status(self, operation: Operation) -> Status:
        """What has become of it."""
        if self._awaited:
            return await self._elsewhere.status(operation)
        return await asyncio.to_thread(self._here.status, operation)

    async def statuses(self, operations: Sequence[Operation]) -> Sequence[Status | BaseException]:
        """What has become of many: in as few questions as the engine can, each with its own answer."""
        if isinstance(self.engine, Telling):
            try:
                return await self.engine.statuses(operations)
            except Exception as error:
                return [error] * len(operations)
        asked = (self.status(one) for one in operations)
        return await asyncio.gather(*asked, return_exceptions=True)

    async def fetch(self, operation: Operation, folder: Path) -> Footage:
        """The footage; an engine elsewhere writes it below `folder`."""
        if self._awaited:
            return await self._elsewhere.fetch(operation, folder)
        return await asyncio.to_thread(self._here.fetch, operation)

    async def cancel(self, operation: Operation) -> None:
        """Stop it, where that is possible."""
        if self._awaited:
            await self._elsewhere.cancel(operation)
        else:
            await asyncio.to_thread(self._here.cancel, operation)

    async def find(self, order: Order) -> Operation | None:
        """What an earlier start of this order made; None where nothing, or where it cannot look."""
        if isinstance(self.engine, Finding):
            return await self.engine.find(order)
        return None

    async def close(self) -> None:
        """Let go of connections, where the engine holds any."""
        closing = getattr(self.engine, "close", None)
        if closing is None:
            return
        left = closing()
        if inspect.isawaitable(left):
            await left

    @property
    def _here(self) -> Engine:
        return cast(Engine, self.engine)

    @property
    def _elsewhere(self) -> AsyncEngine:
        return cast(AsyncEngine, self.engine)


def _looked(engine: Engine | AsyncEngine) -> Readiness:
    """An engine whose check breaks is not ready."""
    try:
        return engine.check()
    except Exception as error:
        said = error.message if isinstance(error, MutoscopeError) else f"its check failed: {error}"
        return Readiness(ready=False, reasons=(said,))
