"""Answers of this dialect as bytes, with the headers that its clients read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from mutoscope.dialects.openai.video import poll_after, video
from mutoscope.dialects.shared import answers
from mutoscope.dialects.shared.answers import Signer
from mutoscope.dialects.shared.told import warning_header

if TYPE_CHECKING:
    from mutoscope.jobs.job import Job

VERSION = "2020-10-01"  # what the service has always sent as its version
_HEADERS = {"openai-version": VERSION}
NO_RETRY = {**_HEADERS, "x-should-retry": "false"}
_VERSION = (b"openai-version", VERSION.encode())
_encode = msgspec.json.Encoder().encode


def answer(value: Any, headers: Mapping[str, str] = _HEADERS) -> Response:
    """A value as JSON."""
    return answers.answer(value, headers)


def video_answer(job: Job, sign: Signer, *, made: bool = False) -> Response:
    """A video with the headers that its pollers read. `made`: this request made it, or its first try
    did, so trying again would be wrong."""
    body, headers = video_told(job, sign)
    if made:
        headers.append((b"x-should-retry", b"false"))
    response = Response(body)
    response.raw_headers = headers
    return response


def video_told(job: Job, sign: Signer) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Body and headers of a video: what is polled all day is put together by hand."""
    body = _encode(video(job, sign))
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"application/json"),
        _VERSION,
    ]
    if (wait := poll_after(job, time.time())) is not None:
        headers.append((b"openai-poll-after-ms", b"%d" % wait))
    if job.warnings:
        headers.append((b"x-mutoscope-warnings", warning_header(job.warnings).encode("ascii")))
    return body, headers
