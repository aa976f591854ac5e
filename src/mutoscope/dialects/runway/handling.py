"""What Runway's handlers share: the version that a request must name, and answers with their warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.runway.errors import NAMES
from mutoscope.dialects.shared import answers
from mutoscope.dialects.shared.told import warning_header
from mutoscope.jobs.job import Notice
from mutoscope.server.errors import Refusal

VERSION = "2024-11-06"
HEADER = "X-Runway-Version"


def versioned(request: Request) -> None:
    """Refusal (400) for a request that names no version of the API, or another one than there is."""
    given = request.headers.get(HEADER)
    if given == VERSION:
        return
    said = f"{HEADER} is {given[:40]!r}" if given is not None else f"the header {HEADER} is missing"
    raise Refusal(
        f"{said}; it must be {VERSION}",
        code="invalid_version",
        hint="the official packages send it by themselves",
    )


def answer(value: Any, notices: Iterable[Notice] = ()) -> Response:
    """A value as JSON, the warnings in a header too."""
    said = tuple(notices)
    return answers.answer(value, {"x-mutoscope-warnings": warning_header(said, NAMES)} if said else None)  # fmt: skip
