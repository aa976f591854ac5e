"""What has become of workflows: one look at the queue for all, one at the history for each that left it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from mutoscope.engines.base import Operation, Status
from mutoscope.engines.comfyui import answers
from mutoscope.engines.comfyui.asking import Asking
from mutoscope.engines.comfyui.listening import Listening
from mutoscope.engines.comfyui.progress import Progress
from mutoscope.engines.comfyui.queue import Queue
from mutoscope.engines.openai_videos.asking import NoAnswer

#: A workflow that is neither in the queue nor in the history this often, over so many seconds, is lost.
_LOST_AFTER, _LOST_OVER = 3, 20.0
_SOON = 2.0  # seconds between looks at a workflow that is at work


class Watching:
    """See the module."""

    def __init__(self, asking: Asking, queue: Queue) -> None:
        self._asking = asking
        self._queue = queue
        self._listening = Listening()
        self._lost: dict[str, tuple[int, float]] = {}

    async def statuses(self, operations: Sequence[Operation]) -> Sequence[Status | BaseException]:
        """What has become of each; NoAnswer in the place of what could not be learned."""
        try:
            queue = await self._queue.read()
        except NoAnswer as error:
            return [error] * len(operations)
        return await asyncio.gather(
            *(self._status(one, queue.place(id_of(one))) for one in operations),
            return_exceptions=True,
        )

    def end(self, id: str) -> None:
        """Listen to a workflow no longer."""
        self._lost.pop(id, None)
        self._listening.end(id)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._listening.close()

    async def _status(self, operation: Operation, place: int | None) -> Status:
        """`place` in the queue: 0 at work, None not there."""
        id = id_of(operation)
        if place is None:
            return await self._ended(operation)
        self._lost.pop(id, None)
        if place > 1:
            return Status("queued", 0.0, f"place {place} in the queue")
        heard = self._heard(operation)
        if place == 1:
            return Status("queued", 0.0, "next in the queue", wait=_SOON)
        preview = await self._listening.preview(id)
        return Status("running", heard.fraction, heard.stage, wait=_SOON, preview=preview)

    async def _ended(self, operation: Operation) -> Status:
        id = id_of(operation)
        entry = (await self._asking.get("history", id)).get(id)
        if isinstance(entry, Mapping):
            self.end(id)
            return answers.status(entry, str(operation.detail.get("output", "")))
        count, since = self._lost.get(id, (0, time.monotonic()))
        if count + 1 < _LOST_AFTER or time.monotonic() - since < _LOST_OVER:
            self._lost[id] = count + 1, since
            raise NoAnswer(f"{self._asking.name} does not know {id} at the moment")
        self.end(id)
        why = "it was taken out of the queue, or ComfyUI was started again"
        return Status(
            "failed",
            error=f"{self._asking.name} no longer knows the workflow: {why}",
            code="lost",
        )

    def _heard(self, operation: Operation) -> Progress:
        detail, id = operation.detail, id_of(operation)
        fresh = Progress(id, detail.get("shares", {}), detail.get("titles", {}))
        address = self._asking.socket(str(detail.get("client", id)))
        return self._listening.begin(id, address, self._asking.headers(), fresh)


def id_of(operation: Operation) -> str:
    """The workflow's id there."""
    return str(operation.detail["id"])
