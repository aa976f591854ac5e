"""Websockets of workflows that are at work: progress step by step, and previews.

A workflow's client id is its own id, so that whoever asks about it can listen, also after a restart. What
is heard is told along with what the server answers when it is asked, and is never needed: without a
websocket a film is made all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mutoscope.engines.comfyui.progress import HELLO, Progress

_AGAIN = 10.0  # seconds until a websocket that broke is tried again
_IDLE = 180.0  # seconds without anybody asking, after which nobody listens any more
_CONNECT = 10.0
_LONGEST = 16 << 20  # bytes of a message
_MOST = 16  # websockets at a time


def possible() -> bool:
    """Whether the library for websockets is here."""
    try:
        import websockets.asyncio.client  # noqa: F401
    except ImportError:
        return False
    return True


@dataclass
class _Ear:
    progress: Progress
    task: asyncio.Task[None] | None = None
    begun: float = 0.0
    asked: float = field(default_factory=time.monotonic)
    shown: tuple[bytes, str] | None = None  # the preview that its file has
    file: Path | None = None


class Listening:
    """See the module. `headers` of the connection; messages are read on the running event loop."""

    def __init__(self) -> None:
        self._ears: dict[str, _Ear] = {}
        self._folder: Path | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(
        self, id: str, address: str, headers: Mapping[str, str], progress: Progress
    ) -> Progress:  # fmt: skip
        """Listen to a workflow, where nobody does yet → what was heard of it so far."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # what belonged to another loop ended with it
            self._ears.clear()
            self._loop = loop
        ear = self._ears.setdefault(id, _Ear(progress))
        now = ear.asked = time.monotonic()
        self._forget(now)
        broken = ear.task is None or ear.task.done()
        if broken and not ear.progress.ended and now - ear.begun > _AGAIN and possible():
            ear.begun = now
            ear.task = loop.create_task(_heard(address, dict(headers), ear.progress))
        return ear.progress

    async def preview(self, id: str) -> Path | None:
        """The file of a workflow's last preview; None where there is none."""
        ear = self._ears.get(id)
        if ear is None or ear.progress.preview is None:
            return None
        if ear.shown is not ear.progress.preview:
            ear.shown = ear.progress.preview
            ear.file = await asyncio.to_thread(self._kept, id, *ear.shown)
        return ear.file

    def end(self, id: str) -> None:
        """Stop listening to a workflow, and let its preview go."""
        ear = self._ears.pop(id, None)
        if ear is None:
            return
        if ear.task is not None:
            ear.task.cancel()
        if ear.file is not None:
            ear.file.unlink(missing_ok=True)

    async def close(self) -> None:
        """Let go of every connection and file."""
        tasks = [ear.task for ear in self._ears.values() if ear.task is not None]
        for id in list(self._ears):
            self.end(id)
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            self._folder = None

    def _forget(self, now: float) -> None:
        idle = sorted(self._ears, key=lambda id: self._ears[id].asked)
        for id in idle[: max(0, len(idle) - _MOST)]:
            self.end(id)
        for id in [id for id, ear in self._ears.items() if now - ear.asked > _IDLE]:
            self.end(id)

    def _kept(self, id: str, picture: bytes, ending: str) -> Path | None:
        with contextlib.suppress(OSError):
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="mutoscope-previews-"))
            path = self._folder / f"{id}{ending}"
            part = path.with_suffix(".part")
            part.write_bytes(picture)
            return part.replace(path)
        return None


async def _heard(address: str, headers: dict[str, str], progress: Progress) -> None:
    """Hear a workflow until it has ended or the connection has."""
    from websockets.asyncio.client import connect

    with contextlib.suppress(Exception):  # whatever it is, the film is made without it
        async with connect(
            address, additional_headers=headers, open_timeout=_CONNECT, max_size=_LONGEST,
            user_agent_header=None,
        ) as socket:  # fmt: skip
            await socket.send(HELLO)
            async for message in socket:
                progress.hear(message)
                if progress.ended:
                    return
