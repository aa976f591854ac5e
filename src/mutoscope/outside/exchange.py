"""One request to the outside and its answer, the body still to be read."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpcore
import httpx

from mutoscope import __version__

AGENT = f"mutoscope/{__version__}"

UNVERIFIED = "its certificate could not be verified"

#: what goes wrong on the way, beside TimeoutError
BROKEN = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by lower-case name, the first of each; `body` is as it was sent, not decoded."""

    status: int
    headers: Mapping[str, str]
    body: AsyncIterator[bytes]


@contextlib.asynccontextmanager
async def exchange(
    pool: httpcore.AsyncConnectionPool,
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    content: bytes | None = None,
    *,
    timeout: float,
) -> AsyncIterator[Answer]:
    """Send a request that carries `headers` and nothing else: no cookies, no credentials. Redirects are
    answers like others. `timeout` in seconds is for each step; the caller bounds the whole."""
    host = url.raw_host.decode("ascii")
    sent = {"Host": url.netloc.decode("ascii"), "User-Agent": AGENT, **headers}
    async with pool.stream(
        method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()],
        content=content,
        extensions={
            "timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout),
            "sni_hostname": host.removesuffix("."),
        },
    ) as response:
        answered: dict[str, str] = {}
        for name, value in response.headers:
            answered.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        yield Answer(response.status, answered, response.aiter_stream())


def why(failure: BaseException) -> str:
    """What went wrong on the way, in a few words that show nothing of what was answered."""
    if isinstance(failure, TimeoutError | httpcore.TimeoutException):
        return "it did not answer in time"
    text = str(failure)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
        return UNVERIFIED
    if isinstance(failure, httpcore.ConnectError | OSError):
        return "no connection could be made"
    return "the connection broke off"
