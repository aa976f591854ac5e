"""A film's files from ComfyUI: one film, or the pictures of a row as a folder."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from mutoscope.engines.comfyui.answers import File
from mutoscope.engines.comfyui.asking import Asking
from mutoscope.engines.openai_videos.download import download
from mutoscope.storage.sniff import HEAD, media_type

#: What is read as a film of one file: its media type → the ending that readers go by.
_ENDINGS = {
    "video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm",
    "video/x-matroska": ".mkv", "video/x-msvideo": ".avi", "image/webp": ".webp",
    "image/gif": ".gif", "image/png": ".apng",
}  # fmt: skip
_AT_ONCE = 4


async def fetched(asking: Asking, files: Sequence[File], folder: Path) -> Path:
    """The film's file below `folder`, or a folder with its pictures in order. Raises EngineFailed where
    they did not come whole."""
    if len(files) == 1:
        raw = folder / "made"
        await _one(asking, files[0], raw, ("video/", "image/"))
        return await asyncio.to_thread(_named, raw)
    row = folder / "pictures"
    await asyncio.to_thread(row.mkdir, exist_ok=True)
    turn = asyncio.Semaphore(_AT_ONCE)

    async def picture(at: int, file: File) -> None:
        async with turn:
            # read by what is in it, whatever it is called
            await _one(asking, file, row / f"{at:06d}.png", ("image/",))

    await asyncio.gather(*(picture(at, file) for at, file in enumerate(files)))
    return row


async def _one(asking: Asking, file: File, into: Path, takes: tuple[str, ...]) -> None:
    headers = asking.headers() | {"accept": "*/*", "accept-encoding": "identity"}
    url = asking.url("view", **file.query)
    await download(
        asking.line.asking, url, headers, into, name=asking.name, secret=asking.key, takes=takes
    )


def _named(raw: Path) -> Path:
    with raw.open("rb") as file:
        kind = media_type(file.read(HEAD))
    return raw.replace(raw.with_suffix(_ENDINGS.get(kind, ".mp4")))


def removed(source: Path) -> None:
    """Remove what was fetched."""
    if source.is_dir():
        shutil.rmtree(source, ignore_errors=True)
    else:
        source.unlink(missing_ok=True)
