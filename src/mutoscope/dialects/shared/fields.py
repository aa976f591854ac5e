"""Values as programs send them → values. JSON keeps its types, a form sends everything as text, and
both mean the same: 8, "8" and "8.0" are eight seconds.

Every error names the parameter, in the service's own form where that form is known.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeVar

import msgspec

from mutoscope.catalog.rules import listed
from mutoscope.catalog.sizes import parse_size
from mutoscope.checks import MAX_WHOLE
from mutoscope.direction.model import Direction
from mutoscope.errors import BadInput, BadShot
from mutoscope.shot import MAX_PROMPT, Crop, Quality, Size

Choice = TypeVar("Choice", bound=StrEnum)

_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{0,18})?|[+-]?\.\d{1,18}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
LARGEST = 1e18
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
#: The words that programs send for `quality` beside this house's own.
_QUALITIES = {"low": Quality.DRAFT, "medium": Quality.STANDARD, "auto": Quality.STANDARD,
              "high": Quality.BEST, "hd": Quality.BEST}  # fmt: skip
_EDGES = ("left", "top", "right", "bottom")
_KINDS = {bool: "a boolean", int: "an integer", float: "a decimal number", str: "a string",
          list: "an array", dict: "an object", type(None): "null"}  # fmt: skip


def got(value: object) -> str:
    """What a value is, in the words of the service's type errors."""
    return _KINDS.get(type(value), "a file")


def wrong_type(field: str, expected: str, value: object, hint: str = "") -> BadInput:
    """The service's error for a value of the wrong type."""
    return BadInput(
        f"Invalid type for '{field}': expected {expected}, but got {got(value)} instead.",
        field=field,
        code="invalid_type",
        hint=hint,
    )


def missing(field: str, hint: str = "") -> BadInput:
    """The service's error for a parameter that has to be there."""
    return BadInput(
        f"Missing required parameter: '{field}'.",
        field=field,
        code="missing_required_parameter",
        hint=hint,
    )


def anything(field: str, value: object) -> object:
    """The value as it came."""
    return value


def words(field: str, value: object) -> str:
    """Text as it is."""
    if not isinstance(value, str):
        raise wrong_type(field, "a string", value)
    return value


def prompt(field: str, value: object) -> str:
    """Text of 1 to 32,000 characters."""
    said = words(field, value)
    if not said.strip():
        raise BadInput(
            f"Invalid '{field}': empty string. Expected a string with minimum length 1, "
            "but got an empty string instead.",
            field=field,
            code="empty_string",
            hint="say what should happen, such as: slow dolly in, leaves sway in the wind",
        )
    if len(said) > MAX_PROMPT:
        raise BadInput(
            f"Invalid '{field}': string too long. Expected a string with maximum length "
            f"{MAX_PROMPT}, but got a string with length {len(said)} instead.",
            field=field,
            code="string_above_max_length",
        )
    return said


def number(field: str, value: object) -> float:
    """A finite number, or its text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, str):
        raise BadShot.of(field, value, "a number")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(field, "a number", value)
    if not abs(value) <= LARGEST:  # true for NaN, too
        raise BadShot.of(field, value, "a number")
    return float(value)


def seconds(field: str, value: object) -> float:
    """A length in seconds; "8s" is 8."""
    if isinstance(value, str):
        value = value.strip().removesuffix("s").rstrip()
    length = number(field, value)
    if length <= 0:
        raise BadShot.of(field, value, "a length in seconds, such as 4, 8 or 12")
    return length


def whole(field: str, value: object) -> int:
    """A whole number, or its text; 7.0 is 7."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = int(value)  # a float would round digits away
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > MAX_WHOLE:
            raise BadShot.of(field, value, "a whole number up to 2^63 - 1")
        return value
    count = number(field, value)
    if count != int(count):
        raise BadShot.of(field, value, "a whole number")
    return int(count)


def flag(field: str, value: object) -> bool:
    """True or false, or its text, or 1 or 0."""
    if isinstance(value, bool):
        return value
    said = str(value).strip().lower() if isinstance(value, str | int) else None
    if said in _TRUE:
        return True
    if said in _FALSE:
        return False
    if said is None:
        raise wrong_type(field, "a boolean", value)
    raise BadShot.of(field, value, "true or false")


def fraction(field: str, value: object) -> float:
    """A number from 0 to 1."""
    part = number(field, value)
    if not 0 <= part <= 1:
        raise BadShot.of(field, value, "a number from 0 to 1")
    return part


def size(field: str, value: object) -> Size:
    """1280x720, 1280×720, 16:9, or a name such as 1080p."""
    said = words(field, value)
    try:
        return parse_size(said)
    except BadShot as error:
        raise BadShot(error.message, field=field, hint=error.hint) from None


def quality(field: str, value: object) -> Quality:
    """draft, standard or best; "low" and "high", "hd" are the first and the last of these."""
    said = words(field, value).strip().lower()
    if said in _QUALITIES:
        return _QUALITIES[said]
    return choice(field, said, Quality)


def choice(field: str, value: object, choices: type[Choice]) -> Choice:
    """A word of a fixed list."""
    said = words(field, value).strip().lower()
    try:
        return choices(said)
    except ValueError:
        raise BadShot.of(field, value, listed([f'"{one}"' for one in choices])) from None


def structure(field: str, value: object) -> object:
    """An object or array, or its JSON as text: all that a form can carry."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise BadShot.of(field, value, "JSON") from None


def crop(field: str, value: object) -> Crop:
    """{left, top, right, bottom} as fractions (also left_fraction, ...), or the four in that order."""
    given = structure(field, value)
    if isinstance(given, list) and len(given) == 4:
        given = dict(zip(_EDGES, given, strict=True))
    if not isinstance(given, dict):
        raise wrong_type(
            field,
            "an object",
            given,
            'such as {"left": 0.1, "top": 0, "right": 0.9, "bottom": 1}, as fractions',
        )
    edges = {key.removesuffix("_fraction"): part for key, part in given.items()}
    for edge in edges:
        if edge not in _EDGES:
            raise BadShot.of(f"{field}.{edge}", edges[edge], f"left out: the edges are {listed(list(_EDGES), 'and')}")  # fmt: skip
    read = {edge: fraction(f"{field}.{edge}", part) for edge, part in edges.items()}
    try:
        return Crop(**read)
    except BadShot as error:
        inner = (error.field or "").removeprefix("crop.")
        message = error.message.replace("crop.", f"{field}.")
        raise BadShot(message, field=f"{field}.{inner}") from None


def direction(field: str, value: object) -> Direction:
    """A Direction, as `mutoscope direct --json` prints it."""
    given = structure(field, value)
    if not isinstance(given, dict):
        raise wrong_type(field, "an object", given)
    try:
        return msgspec.convert(given, Direction, strict=False)
    except msgspec.ValidationError as error:
        raise BadShot(
            f"{field} is not a direction: {error}",
            field=field,
            hint="mutoscope direct --json shows the form",
        ) from None


def names(field: str, value: object) -> tuple[str, ...]:
    """Characters: an array of {id} or of names, or one of these."""
    given = structure(field, value) if isinstance(value, str) and value[:1] in "[{" else value
    found: list[str] = []
    for place, one in enumerate(given if isinstance(given, list) else [given]):
        name = one.get("id") or one.get("name") if isinstance(one, dict) else one
        if not isinstance(name, str) or not name:
            raise wrong_type(f"{field}[{place}]", "an object with an id", one)
        found.append(name)
    return tuple(dict.fromkeys(found))
