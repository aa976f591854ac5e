"""What a server or relay answers, read: its words through one table, its names wherever they stand."""

from __future__ import annotations

import email.utils
import logging
import re
import time
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import msgspec

from mutoscope.engines.base import Instruction, State, Status
from mutoscope.engines.openai_videos.quirks import Quirks, words

_LONGEST = 300  # characters of an error that are passed on
_LONGEST_WAIT = 3600.0
_KEY = re.compile(r"\b(sk|key|rk|pk)-[\w-]{6,}|(?<=Bearer )\S+")
_log = logging.getLogger("mutoscope.engines")


def read(content: bytes) -> dict[str, Any] | None:
    """The object in a body, also where a relay wraps it in `data`; None where there is none."""
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    inner = value.get("data")
    if told(value, "id") is None and isinstance(inner, dict):
        return inner
    return value


def told(video: Mapping[str, Any], name: str) -> str | None:
    """A text that servers tell under one of several names (`words.toml`); None where none does."""
    for path in words().names[name]:
        value: Any = video
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value:
            return value
    return None


def status(
    video: Mapping[str, Any], quirks: Quirks, unknown: Counter[str], headers: Mapping[str, str]
) -> Status:
    """What a job's object says. A word that no table has is counted in `unknown`: still running."""
    said = _word(video)
    state = _states().get(said.strip().lower().replace("-", "_").replace(" ", "_"))
    known = state is not None
    if state is None:
        state = "running"
        if said not in unknown and len(unknown) < 100:
            _log.warning("status %r is not known here; it counts as running", said[:80])
        if said in unknown or len(unknown) < 100:
            unknown[said[:80]] += 1
    if state in ("failed", "cancelled"):
        message = told(video, "error") or f"the engine says {said}, and no more"
        return Status(
            state, error=shortened(message), code=(told(video, "code") or "engine_failed")[:100]
        )
    if state == "done":
        return Status("done", 1.0)
    done = 0.0 if quirks.progress == "ends" else _fraction(video.get("progress"), quirks.progress)
    return Status(state, done, stage=said[:80], wait=wait(headers), known=known)


def has_status(video: Mapping[str, Any]) -> bool:
    """Whether an object says at all what became of its job: some lists do not."""
    return bool(_word(video))


def _word(video: Mapping[str, Any]) -> str:
    return str(video.get("status") or video.get("state") or "")


def report(video: Any, field: str) -> tuple[Instruction, ...]:
    """The instructions in a Mutoscope's report, by outcome; none where it has no such report."""
    told = video.get(field) if isinstance(video, Mapping) else None
    if not isinstance(told, Mapping):
        return ()
    lists = [told.get(outcome, []) for outcome in ("done", "approximated", "not_possible")]
    try:
        return tuple(one for found in lists for one in msgspec.convert(found, list[Instruction]))
    except msgspec.ValidationError:
        return ()


def joined(
    said: tuple[Instruction, ...], theirs: tuple[Instruction, ...]
) -> tuple[Instruction, ...]:
    """What the server tells of each instruction in place of what was told when it was sent; but how a
    character was sent there stays, and what was not sent at all."""
    cast = {one.words: one for one in said if one.words.startswith("@")}
    told = [
        Instruction(one.words, one.outcome, f"{cast.pop(one.words).how}; there: {one.how}")
        if one.words in cast and cast[one.words].outcome != "not_possible"
        else one
        for one in theirs
    ]
    left = [one for one in said if one.outcome == "not_possible" or one.words in cast]
    return (*told, *left)


def usable(character: Mapping[str, Any]) -> bool:
    """Whether a character's object says nothing against it."""
    return str(character.get("status") or "").lower() not in ("failed", "deleted", "error")


@cache
def _states() -> dict[str, State]:
    return {word: cast(State, state) for state, known in words().status.items() for word in known}


def _fraction(value: Any, unit: str) -> float:
    """0..1 of a number, or of its text, with or without a percent sign."""
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("%"))
        except ValueError:
            return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return 0.0
    return min(1.0, max(0.0, value / 100 if unit == "percent" else float(value)))


def wait(headers: Mapping[str, str]) -> float | None:
    """Seconds after which a server asks to be asked again; None where it does not say."""
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", said):
        return min(float(said), _LONGEST_WAIT)
    if said:
        try:
            at = email.utils.parsedate_to_datetime(said).timestamp()
        except (ValueError, OverflowError):
            return None
        return min(max(0.0, at - time.time()), _LONGEST_WAIT)
    return None


def error_text(content: bytes, status: int, secret: str) -> tuple[str, str]:
    """An error's message and code, fit to be shown: one line, without the account's key."""
    video = read(content)
    message = told(video, "error") if video is not None else None
    if video is not None and message is None and isinstance(video.get("detail"), list):
        message = "; ".join(
            str(one.get("msg")) for one in video["detail"][:3] if isinstance(one, dict)
        )
    if message is None:
        plain = content[:_LONGEST].decode(errors="replace").strip()
        message = plain if plain and not plain.startswith("<") else f"HTTP {status}"
    code = (told(video, "code") if video is not None else None) or f"http_{status}"
    return shortened(message, secret), code[:100]


def shortened(text: str, secret: str = "") -> str:
    """One line of at most 300 characters, and nothing in it that looks like a key."""
    line = " ".join(text.split())
    if secret:
        line = line.replace(secret, "***")
    line = _KEY.sub("***", line)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
