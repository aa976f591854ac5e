"""A batch's input, line by line: read as it lies on the disk, checked, and found again by its offset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.dialects.openai.batch_state import VIDEOS, Fault
from mutoscope.server import strict_json
from mutoscope.server.errors import Refusal

MOST_LINES = 50_000
MOST_FAULTS = 100  # that are listed; the rest are as many more of the same
MAX_LINE = 32 << 20  # bytes: a picture as a data URL is long
MAX_ID = 512  # characters of a custom_id


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `number` counts from 0 over the lines that hold one; `at` is where it begins, `end`
    where the next one may, in bytes."""

    number: int
    at: int
    end: int
    custom_id: str
    body: dict[str, Any]


def lines(path: Path, start: int = 0, number: int = 0) -> Iterator[Line | Fault]:
    """The requests from the offset `start` on, the first of which has that number. Blank lines are passed
    over. A line that is no request comes as a Fault."""
    with path.open("rb") as file:
        file.seek(start)
        at = start
        while raw := file.readline(MAX_LINE + 1):
            end = at + len(raw)
            if len(raw) > MAX_LINE:
                yield _fault(number, "line_too_long", f"the line is longer than {MAX_LINE:,} bytes")
                return
            if raw.strip():
                yield _read(raw, number, at, end)
                number += 1
            at = end


def checked(path: Path) -> tuple[int, tuple[Fault, ...]]:
    """How many requests the file holds, and what is wrong with it."""
    count, faults, seen = 0, [], dict[str, int]()
    for one in lines(path):
        count += 1
        if isinstance(one, Fault):
            faults.append(one)
        elif (first := seen.setdefault(one.custom_id, one.number)) != one.number:
            message = f"custom_id {one.custom_id[:80]!r} is that of line {first + 1} too"
            faults.append(_fault(one.number, "duplicate_custom_id", message, "custom_id"))
        if count > MOST_LINES:
            faults = [Fault(code="too_many_requests", message=f"the file has more than {MOST_LINES:,} requests")]  # fmt: skip
            break
        if len(faults) >= MOST_FAULTS:
            break
    if not count:
        faults.append(Fault(code="empty_file", message="the file has no requests; it must have one a line"))  # fmt: skip
    return count, tuple(faults)


def custom_ids(path: Path) -> list[str]:
    """The requests' own names, by number."""
    return [one.custom_id if isinstance(one, Line) else "" for one in lines(path)]


def _read(raw: bytes, number: int, at: int, end: int) -> Line | Fault:
    try:
        said = strict_json.read(raw)
    except Refusal as error:
        return _fault(number, "invalid_json_line", error.message)
    custom_id, body = said.get("custom_id"), said.get("body")
    if not isinstance(custom_id, str) or not 0 < len(custom_id) <= MAX_ID:
        message = f"custom_id must be text of 1 to {MAX_ID} characters"
        return _fault(number, "invalid_custom_id", message, "custom_id")
    if said.get("method") != "POST":
        return _fault(number, "invalid_method", 'method must be "POST"', "method")
    if said.get("url") != VIDEOS:
        return _fault(
            number, "invalid_url", f'url must be "{VIDEOS}", the batch\'s endpoint', "url"
        )
    if not isinstance(body, dict):
        return _fault(number, "invalid_body", "body must be a JSON object", "body")
    return Line(number=number, at=at, end=end, custom_id=custom_id, body=body)


def _fault(number: int, code: str, message: str, param: str | None = None) -> Fault:
    return Fault(code=code, message=message, line=number + 1, param=param)
