"""Reads a Direction given as JSON in place of words, strictly: the same shape that is printed.

==================  =========================================================================
camera              [{move, start, end, speed?, amount?, words?}], times in seconds
motion              [{kind, group?, target?, direction?, speed?, cause?, words?}]
sound, keep         [text]
lens                {focal_mm?, focus?}
style               "", "natural" or "stop_motion"
first_frame, loop   true or false
seconds             the clip's length; may be left out
advice, unread,     what the reader of words had to say; taken as they are
languages
==================  =========================================================================
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from mutoscope.direction.model import MOVES, UNITS, Direction, Group, Move, Speed
from mutoscope.errors import BadShot

MOST_MOVES = 256
_LARGEST = {"degrees": 3600.0, "times as large": 20.0, "strength from 0 to 1": 1.0}
_WRONG = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?$", re.DOTALL)


def read(
    source: bytes | bytearray | str | Mapping[str, Any], seconds: float | None = None
) -> Direction:
    """The Direction in `source`, for a clip of `seconds` (None: the length that it names itself).

    BadShot names the field, its value and what is allowed.
    """
    values = _values(source)
    length = _length(values, seconds)
    try:
        direction = msgspec.convert({**values, "seconds": length}, Direction)
    except msgspec.ValidationError as error:
        raise _refusal(values, str(error)) from None
    if len(direction.camera) > MOST_MOVES:
        raise BadShot.of(
            "direction.camera", len(direction.camera), f"at most {MOST_MOVES} moves long"
        )
    for place, move in enumerate(direction.camera):
        _check(move, f"direction.camera[{place}]", length)
    focal = direction.lens.focal_mm
    if focal is not None and not 4 <= focal <= 2000:
        raise BadShot.of("direction.lens.focal_mm", focal, "from 4 to 2000")
    ordered = tuple(sorted(direction.camera, key=lambda move: (move.start, move.end)))
    return msgspec.structs.replace(direction, camera=ordered)


def dump(direction: Direction) -> bytes:
    """The JSON that `read` takes, in UTF-8 with an indent of two."""
    return msgspec.json.format(msgspec.json.encode(direction), indent=2)


def _values(source: bytes | bytearray | str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(source, Mapping):
        return dict(source)
    try:
        values = msgspec.json.decode(source)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise BadShot(
            f"direction is not JSON: {str(error).partition(' - at')[0]}", field="direction"
        ) from None
    except RecursionError:
        raise BadShot("direction is nested too deeply to be one", field="direction") from None
    if not isinstance(values, dict):
        raise BadShot.of("direction", values, "an object with the key camera")
    return values


def _length(values: Mapping[str, Any], seconds: float | None) -> float:
    own = values.get("seconds")
    if seconds is None and own is None:
        ends = [_number(move.get("end")) for move in _moves(values)]
        seconds = max((end for end in ends if end is not None), default=4.0)
    for length in (own, seconds):
        if length is not None:
            _is_length(length)
    return float(seconds if seconds is not None else own or 4.0)


def _is_length(length: object) -> None:
    if isinstance(length, bool) or not isinstance(length, int | float):
        raise BadShot.of("direction.seconds", length, "a number of seconds")
    if not (math.isfinite(length) and 0 < length <= 3600):
        raise BadShot.of("direction.seconds", length, "above 0 and at most 3600")


def _moves(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    camera = values.get("camera", ())
    return (
        [move for move in camera if isinstance(move, Mapping)]
        if isinstance(camera, list | tuple)
        else []
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _check(move: Move, field: str, seconds: float) -> None:
    for name in ("start", "end"):
        time = getattr(move, name)
        # a thousandth of a second: what rounding on the way through JSON may add
        if not (math.isfinite(time) and 0 <= time <= seconds + 0.001):
            raise BadShot.of(f"{field}.{name}", time, f"from 0 to {seconds:g}, the clip's seconds")
    if move.start >= move.end:
        raise BadShot.of(f"{field}.end", move.end, f"above its start, {move.start:g}")
    if move.amount is None:
        return
    unit = UNITS[move.move.partition("_")[0]]
    if not unit:
        raise BadShot.of(f"{field}.amount", move.amount, "left out: a static camera has none")
    largest = _LARGEST.get(unit, 10.0)
    if not (math.isfinite(move.amount) and 0 < move.amount <= largest):
        raise BadShot.of(
            f"{field}.amount", move.amount, f"above 0 and at most {largest:g} ({unit})"
        )
    if unit == "times as large" and move.amount < 1:
        raise BadShot.of(
            f"{field}.amount",
            move.amount,
            "at least 1 (times as large)",
            "use zoom_out or dolly_out to go back",
        )


def _refusal(values: Mapping[str, Any], complaint: str) -> BadShot:
    """msgspec's complaint as this project's sentence."""
    match = _WRONG.match(complaint)
    what, where = (match["what"], match["where"] or "") if match else (complaint, "")
    if what.startswith("Object contains unknown field"):
        name = what.split("`")[1]
        inside = f"direction.{where}" if where else "direction"
        return BadShot(
            f"{inside} has no field {name!r}", field=f"{inside}.{name}", code="unknown_field"
        )
    if what.startswith("Object missing required field"):
        name = what.split("`")[1]
        inside = f"direction.{where}" if where else "direction"
        return BadShot(f"{inside} lacks {name!r}", field=f"{inside}.{name}", code="missing_field")
    field = f"direction.{where}" if where else "direction"
    last = where.rpartition(".")[2]
    allowed = {
        "move": f"one of {', '.join(MOVES)}",
        "speed": f"one of {', '.join(get_args(Speed))}",
        "group": f"one of {', '.join(get_args(Group))}",
        "style": '"", "natural" or "stop_motion"',
        "focus": '"", "shallow" or "deep"',
    }.get(last)
    if allowed is None:
        wanted = re.search(r"Expected `([^`]+)`", what)
        allowed = _TYPES.get(wanted[1].split(" | ")[0], wanted[1]) if wanted else what
    return BadShot.of(field, _at(values, where), allowed)


_TYPES = {
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}


def _at(values: Any, where: str) -> Any:
    """The value at a path such as "camera[0].move"; None where the path leads nowhere."""
    held = values
    for key, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", re.sub(r"\[(\d+)\]", r".[\1]", where)):
        try:
            held = held[int(place)] if place else held[key]
        except (LookupError, TypeError):
            return None
    return held
