"""A film from a server into a file: streamed, bounded, complete, and a film."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import httpx

from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.sending import read_at_most
from mutoscope.errors import BadInput, CannotWrite, EngineFailed
from mutoscope.storage.sniff import HEAD, media_type

MOST = 4 << 30  # bytes of one film
_GATHERED = 1 << 20  # bytes that are written at a time


class NoFilm(EngineFailed):
    """The address has no film: `status` is what it answered."""

    def __init__(self, message: str, status: int):
        super().__init__(message, code="no_film")
        self.answered = status


class Moved(EngineFailed):
    """The film is at another address."""

    def __init__(self, name: str, to: str):
        super().__init__(
            f"{name} names another address for the film, and yet another", code="moved"
        )
        self.to = to


async def download(
    client: httpx.AsyncClient,
    url: str,
    headers: dict[str, str],
    into: Path,
    *,
    name: str,
    secret: str,
    takes: tuple[str, ...] = ("video/",),
) -> int:
    """Fetch `url` into the file `into`, which appears when all of it is there → its length in bytes.
    `takes` are the beginnings of the media types that it may have.

    NoFilm where the answer is an error or no film, Moved where it names another address, EngineFailed where it breaks off or is longer than
    MOST, CannotWrite where it cannot be written; nothing is left behind."""
    partial = into.with_name(f"{into.name}.part")
    try:
        async with client.stream("GET", url, headers=headers) as response:
            if response.next_request is not None:
                raise Moved(name, str(response.next_request.url))
            if response.status_code != 200:
                content = await read_at_most(response, 1 << 16)
                message, _ = answers.error_text(content, response.status_code, secret)
                raise NoFilm(f"{name} does not hand out the film: {message}", response.status_code)
            length = await _written(response, partial, name, takes)
        promised = response.headers.get("content-length")
        if promised is not None and promised.isdigit() and int(promised) != length:
            raise EngineFailed(
                f"{name} sent {length:,} bytes of a film of {int(promised):,}", code="cut_short"
            )
        if not await asyncio.to_thread(_ends_well, partial):
            raise EngineFailed(f"the film that {name} sent is cut short", code="cut_short")
        await asyncio.to_thread(os.replace, partial, into)
        return length
    except httpx.HTTPError as error:
        reason = answers.shortened(str(error) or type(error).__name__, secret)
        raise EngineFailed(
            f"the film broke off on its way from {name}: {reason}", code="cut_short"
        ) from None
    except BadInput as error:
        raise NoFilm(
            f"{name} names an address for the film that is not reached: {error}", 0
        ) from None
    except OSError as error:
        raise CannotWrite(f"the film cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


async def _written(
    response: httpx.Response, partial: Path, name: str, takes: tuple[str, ...]
) -> int:
    """Write the body as it comes; its length."""
    length, gathered = 0, bytearray()
    file = await asyncio.to_thread(partial.open, "wb")
    try:
        async for piece in response.aiter_bytes():
            gathered += piece
            if length == 0 and len(gathered) >= HEAD:
                _film_or_not(bytes(gathered[:HEAD]), name, takes)
            if length + len(gathered) > MOST:
                raise EngineFailed(
                    f"{name} sends more than {MOST:,} bytes for one film", code="too_large"
                )
            if len(gathered) >= _GATHERED:
                length += len(gathered)
                await asyncio.to_thread(file.write, gathered)
                gathered = bytearray()
        if length == 0:
            _film_or_not(bytes(gathered[:HEAD]), name, takes)
        await asyncio.to_thread(file.write, gathered)
        return length + len(gathered)
    finally:
        await asyncio.to_thread(file.close)


def _film_or_not(head: bytes, name: str, takes: tuple[str, ...]) -> None:
    kind = media_type(head)
    if not kind.startswith(takes):
        what = kind or ("nothing" if not head else "something else")
        raise NoFilm(f"{name} sent {what} in place of a film", 200)


def _ends_well(path: Path) -> bool:
    """Whether an MP4's boxes fill it exactly: a server that names no length, or a wrong one, can break off
    unseen. Other containers pass. Reads the heads of its outermost boxes alone."""
    length = path.stat().st_size
    with path.open("rb") as file:
        if media_type(file.read(HEAD)) not in ("video/mp4", "video/quicktime"):
            return True
        at = 0
        while at < length:
            file.seek(at)
            head = file.read(16)
            if len(head) < 8:
                return False
            size = int.from_bytes(head[:4], "big")
            if size == 1:  # its length is in the next eight bytes
                size = int.from_bytes(head[8:16], "big")
            if size == 0:  # it goes to the end of the file
                return True
            if size < 8:
                return False
            at += size
        return at == length
