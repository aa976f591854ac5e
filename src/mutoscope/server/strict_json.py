"""JSON as a request body: nothing twice, nothing endless, nothing that is not JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from mutoscope.server.errors import Refusal

MAX_DEPTH = 32
MAX_VALUES = 100_000  # what a small text can otherwise swell to in memory is 20 times its length


def read(raw: bytes) -> dict[str, Any]:
    """The object in `raw`, UTF-8. `Refusal` (400) says what is wrong with it."""
    if sum(map(raw.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise _bad(f"has more than {MAX_VALUES:,} values")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(f"is not UTF-8 (byte {error.start:,})") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _bad(f"is not valid JSON: {error.msg} ({where})") from None
    except RecursionError:
        raise _bad(f"is nested more than {MAX_DEPTH} deep") from None
    except ValueError:  # a whole number of more than 4,300 digits
        raise _bad("has a number that is too long") from None
    if not isinstance(value, dict):
        raise _bad(f"must be a JSON object, not {_NAMES.get(type(value), 'null')}")
    _check(value, "", 1)
    return value


_NAMES = {list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false"}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Refusal(
            f"{twice!r:.80} is given more than once; give it once",
            param=twice[:80],
            code="duplicate_parameter",
        )
    return made


def _constant(word: str) -> None:
    raise _bad(f"has {word}, which is not a number in JSON")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _bad(f"has {digits[:40]}, which is too large a number")
    return value


def _check(value: Any, where: str, depth: int) -> None:
    """No deeper than allowed; text that can be written as UTF-8 and kept in a database."""
    if isinstance(value, str):
        check_text(where, value)
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise _bad(f"is nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            for key, item in value.items():
                check_text("a name", key)
                _check(item, f"{where}.{key}" if where else key, depth + 1)
        else:
            for place, item in enumerate(value):
                _check(item, f"{where}[{place}]", depth + 1)


def check_text(where: str, value: str) -> None:
    """`Refusal` for NUL characters and halves of surrogate pairs."""
    broken = "\0" in value
    if not broken and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            broken = True
    if broken:
        raise Refusal(
            f"{where[:80]} has NUL characters or broken Unicode; send plain UTF-8 text",
            param=where[:80],
            code="invalid_text",
        )


def _bad(why: str) -> Refusal:
    return Refusal(f"the request body {why}", code="invalid_json")
