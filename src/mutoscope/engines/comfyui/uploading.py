"""An order's files into ComfyUI's input folder, under names made of what is in them: the same file is sent
again at most over itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

import httpx
import msgspec

from mutoscope.engines.comfyui.asking import Asking
from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.encoding import encoded
from mutoscope.engines.openai_videos.request import Request, Upload
from mutoscope.engines.openai_videos.sending import read_at_most
from mutoscope.errors import CannotWrite, NotAccepted
from mutoscope.storage.sniff import HEAD, media_type

FOLDER = "mutoscope"  # below the input folder there
_ENDINGS = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "video/mp4": ".mp4",
    "video/quicktime": ".mov", "video/webm": ".webm", "video/x-matroska": ".mkv",
    "audio/wav": ".wav", "audio/mpeg": ".mp3", "audio/flac": ".flac", "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
}  # fmt: skip


class Uploading:
    """See the module."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def all(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Upload the files of placeholders → the name of each there, one after another. Raises
        NotAccepted: nothing is worked on yet."""
        there: dict[Path, str] = {}
        for path in files.values():
            if path not in there:
                there[path] = await self._one(path)
        return {name: there[path] for name, path in files.items()}

    async def _one(self, path: Path) -> str:
        name = await asyncio.to_thread(name_of, path)
        fields = {"subfolder": FOLDER, "type": "input", "overwrite": "true"}
        request = Request("", fields, (Upload("image", path, name),), ())
        body = await asyncio.to_thread(encoded, request, "multipart")
        sent = {"content-type": body.type, "content-length": str(body.length)}
        try:
            async with self._asking.line.sending.stream(
                "POST", self._asking.url("upload", "image"), content=body.stream(),
                headers=self._asking.headers() | sent,
            ) as response:  # fmt: skip
                content = await read_at_most(response, 1 << 20)
        except httpx.HTTPError as error:
            reason = answers.shortened(str(error) or type(error).__name__, self._asking.key)
            raise NotAccepted(
                f"{self._asking.name} cannot be reached: {reason}", code="unreachable"
            ) from None
        if response.status_code != 200:
            raise self._refused(content, response.status_code)
        return _told(content) or f"{FOLDER}/{name}"

    def _refused(self, content: bytes, status: int) -> NotAccepted:
        message, code = answers.error_text(content, status, self._asking.key)
        refused = NotAccepted(f"{self._asking.name} does not take a file: {message}", code=code)
        refused.final = 400 <= status < 500 and status not in (408, 429)
        return refused


def name_of(path: Path) -> str:
    """A file's name there. Reads it; raises CannotWrite where that fails."""
    try:
        with path.open("rb") as file:
            kind = media_type(file.read(HEAD))
            file.seek(0)
            mark = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CannotWrite(f"a prepared file cannot be read: {error.strerror}") from error
    return f"{mark[:24]}{_ENDINGS.get(kind, path.suffix)}"


def _told(content: bytes) -> str:
    """The name that the server gave it, as nodes that load it write it."""
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return ""
    folder = str(value.get("subfolder") or "")
    return f"{folder}/{value['name']}" if folder else str(value["name"])
