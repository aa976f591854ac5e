"""Checks of single values, each with the sentence for whoever gave a wrong one."""

from __future__ import annotations

import math
import numbers
from enum import StrEnum
from typing import Any

from mutoscope.errors import BadShot

MAX_WHOLE = 2**63 - 1  # what databases and vendors' JSON hold


def whole(field: str, value: object, low: int, high: int) -> None:
    """Check a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        top = f"to {high:,}" if high != MAX_WHOLE else "to 2^63 - 1"
        raise BadShot.of(field, value, f"a whole number from {low} {top}")


def number(
    owner: object,
    name: str,
    allowed: str,
    *,
    low: float = -math.inf,
    above: float = -math.inf,
    high: float,
    prefix: str = "",
) -> None:
    """Check a number and keep it as a float, so that 4 and 4.0 are one shot."""
    value = getattr(owner, name)
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (real and low <= value <= high and value > above):  # false for NaN, too
        raise BadShot.of(prefix + name, value, allowed)
    object.__setattr__(owner, name, float(value))


def member(owner: object, name: str, choice: type[StrEnum], *, prefix: str = "") -> None:
    """Check a word of a fixed list and keep it as that list's member."""
    value = getattr(owner, name)
    try:
        object.__setattr__(owner, name, choice(value))
    except ValueError:
        raise BadShot.of(prefix + name, value, f"one of {', '.join(choice)}") from None


def text(field: str, value: object, most: int, *, least: int = 0) -> None:
    """Check text of `least` to `most` characters that can be written as UTF-8."""
    if not isinstance(value, str):
        raise BadShot.of(field, value, "text")
    if not least <= len(value) <= most:
        limits = f"{least} to {most:,}" if least else f"at most {most:,}"
        raise BadShot.of(field, value, f"{limits} characters long; it has {len(value):,}")
    try:
        broken = b"\0" in value.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        broken = True
    if broken:
        raise BadShot.of(field, value, "text without NUL characters and broken Unicode")


def items(field: str, value: object) -> tuple[Any, ...]:
    """A list or tuple as a tuple."""
    if not isinstance(value, list | tuple):
        raise BadShot.of(field, value, "a list")
    return tuple(value)


def unknown(raw: Any, known: Any, path: str = "") -> str:
    """The path of the first key in `raw` that did not come through into `known`, or ""."""
    if isinstance(raw, dict) and isinstance(known, dict):
        for key, value in raw.items():
            here = f"{path}.{key}" if path else str(key)
            if key not in known:
                return here
            if deeper := unknown(value, known[key], here):
                return deeper
    elif isinstance(raw, list) and isinstance(known, list | tuple):
        for place, (value, kept) in enumerate(zip(raw, known, strict=False)):
            if deeper := unknown(value, kept, f"{path}[{place}]"):
                return deeper
    return ""
