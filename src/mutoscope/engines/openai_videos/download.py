"""A film from a server into a file: streamed, bounded, complete, and a film."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import httpx

from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.sending import read_at_most
from mutoscope.errors import CannotWrite, EngineFailed
from mutoscope.storage.sniff import HEAD, media_type

MOST = 4 << 30  # bytes of one film
_GATHERED = 1 << 20  # bytes that are written at a time


class NoFilm(EngineFailed):
    """The address has no film: `status` is what it answered."""

    def __init__(self, message: str, status: int):
        super().__init__(message, code="no_film")
        self.answered = status


async def download(
    client: httpx.AsyncClient,
    url: str,
    headers: dict[str, str],
    into: Path,
    *,
    name: str,
    secret: str,
    most: int = MOST,
) -> int:
    """Fetch `url` into the file `into`, which appears when all of it is there → its length in bytes.

    NoFilm where the answer is an error or no film, EngineFailed where it breaks off or is longer than
    `most`, CannotWrite where it cannot be written; nothing is left behind."""
    partial = into.with_name(f"{into.name}.part")
    try:
        async with client.stream("GET", url, headers=headers, follow_redirects=True) as response:
            if response.status_code != 200:
                content = await read_at_most(response, 1 << 16)
                message, _ = answers.error_text(content, response.status_code, secret)
                raise NoFilm(f"{name} does not hand out the film: {message}", response.status_code)
            length = await _written(response, partial, name, most)
        promised = response.headers.get("content-length")
        if promised is not None and promised.isdigit() and int(promised) != length:
            raise EngineFailed(
                f"{name} sent {length:,} bytes of a film of {int(promised):,}", code="cut_short"
            )
        await asyncio.to_thread(os.replace, partial, into)
        return length
    except httpx.HTTPError as error:
        reason = answers.shortened(str(error) or type(error).__name__, secret)
        raise EngineFailed(
            f"the film broke off on its way from {name}: {reason}", code="cut_short"
        ) from None
    except OSError as error:
        raise CannotWrite(f"the film cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


async def _written(response: httpx.Response, partial: Path, name: str, most: int) -> int:
    """Write the body as it comes; its length."""
    length, gathered = 0, bytearray()
    file = await asyncio.to_thread(partial.open, "wb")
    try:
        async for piece in response.aiter_bytes():
            gathered += piece
            if length == 0 and len(gathered) >= HEAD:
                _film_or_not(bytes(gathered[:HEAD]), name)
            if length + len(gathered) > most:
                raise EngineFailed(
                    f"{name} sends more than {most:,} bytes for one film", code="too_large"
                )
            if len(gathered) >= _GATHERED:
                length += len(gathered)
                await asyncio.to_thread(file.write, gathered)
                gathered = bytearray()
        if length == 0:
            _film_or_not(bytes(gathered[:HEAD]), name)
        await asyncio.to_thread(file.write, gathered)
        return length + len(gathered)
    finally:
        await asyncio.to_thread(file.close)


def _film_or_not(head: bytes, name: str) -> None:
    kind = media_type(head)
    if not kind.startswith("video/"):
        what = kind or ("nothing" if not head else "something else")
        raise NoFilm(f"{name} sent {what} in place of a film", 200)
