"""Files of a model hub over plain HTTPS, resumed where an earlier try was cut off.

The environment speaks as it does to the hub's own client: `HF_ENDPOINT` for a mirror, `HF_TOKEN`
for a login, `HF_HUB_OFFLINE=1` to stay away from it. Proxies are the system's.
"""

from __future__ import annotations

import errno
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from mutoscope.weights.clients import SourceFailed
from mutoscope.weights.manifest import Hub

ENDPOINT = "https://huggingface.co"  # the default of the hub's own client
TIMEOUT = 15.0  # seconds without a byte
TRIES = 4  # each goes on from where the last one stopped
CHUNK = 1 << 18
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)


class HubUnreachable(SourceFailed):
    """No answer at all: the hub's other files need not be tried either."""


def address(source: Hub) -> str:
    """The file's address at the hub, or at the mirror that `HF_ENDPOINT` names."""
    endpoint = os.environ.get("HF_ENDPOINT") or ENDPOINT
    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise SourceFailed(f"HF_ENDPOINT is {endpoint!r}; it must be an http or https address")
    path = f"{quote(source.repository)}/resolve/{quote(source.revision, safe='')}"
    return f"{endpoint.rstrip('/')}/{path}/{quote(source.file)}"


def download(source: Hub, part: Path, size: int, report: Callable[[float], None]) -> None:
    """Bring `part` to the `size` bytes of the hub's file, from the length it has now.

    `SourceFailed` says why not; what came so far stays in `part` for the next time.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise HubUnreachable("HF_HUB_OFFLINE is set")
    url = address(source)
    tries = TRIES
    while True:
        had = _length(part)
        if had == size:
            return
        try:
            _transfer(url, part, size, report)
            tries -= 1  # it ended early without an error
            trouble: Exception = SourceFailed(f"it sent {_length(part):,} of {size:,} bytes")
        except urllib.error.HTTPError as error:
            with error:
                raise SourceFailed(_answer(error)) from None
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and (error.filename or error.errno in DISK):
                raise  # not the network
            tries -= 1
            trouble = error
        if _length(part) == size:
            return
        if _length(part) <= had:
            raise HubUnreachable(f"no answer ({_why(trouble)})")
        if tries == 0:
            raise SourceFailed(f"cut off {TRIES} times, last by: {_why(trouble)}")


def _transfer(url: str, part: Path, size: int, report: Callable[[float], None]) -> None:
    had = _length(part)
    request = urllib.request.Request(
        url, headers={"User-Agent": f"mutoscope/{version('mutoscope')}"}
    )
    if 0 < had < size:
        request.add_header("Range", f"bytes={had}-")
    if token := os.environ.get("HF_TOKEN"):
        # unredirected: the storage host that the hub redirects to must not see it
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        goes_on = answer.status == 206 and _starts_at(answer) == had
        done = had if goes_on else 0
        with part.open("ab" if goes_on else "wb") as file:
            while chunk := answer.read(CHUNK):
                done += len(chunk)
                if done > size:
                    raise SourceFailed(f"it sends more than the {size:,} bytes that it should have")
                file.write(chunk)
                report(done / size)


def _starts_at(answer: Any) -> int:
    """The first byte's place from `Content-Range: bytes 100-199/200`; -1 where there is none."""
    span = str(answer.headers.get("Content-Range", "")).removeprefix("bytes ").partition("-")[0]
    return int(span) if span.isdigit() else -1


def _length(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _answer(error: urllib.error.HTTPError) -> str:
    meaning = {
        401: "it asks for a login (set HF_TOKEN)",
        403: "it refuses access (accept the terms on its page, set HF_TOKEN)",
        404: "it has no such file",
        429: "it asks to slow down; try again later",
    }
    return f"HTTP {error.code}: {meaning.get(error.code, error.reason)}"


def _why(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return text or type(cause).__name__
