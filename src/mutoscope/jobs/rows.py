"""Rows of `jobs` ↔ Jobs: what is JSON in a row is decoded when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from mutoscope.engines.base import Operation
from mutoscope.jobs.job import Job, NewJob, Notice, Problem, Result
from mutoscope.shot import Shot
from mutoscope.storage.tables import jobs

_mapping = msgspec.json.Decoder(dict[str, Any]).decode


class _Lazy:
    """A field of `Job` that holds JSON text until it is read."""

    def __init__(self, name: str, decode: Callable[[str], Any]) -> None:
        self._slot = Job.__dict__[name]
        self._decode = decode

    def __get__(self, job: Job | None, owner: type | None = None) -> Any:
        if job is None:
            return self
        value = self._slot.__get__(job)
        if type(value) is str:
            value = self._decode(value)
            self._slot.__set__(job, value)
        return value

    def __set__(self, job: Job, value: Any) -> None:
        self._slot.__set__(job, value)


class Row(Job):
    """A Job as it was read: the same fields, those kept as JSON decoded when they are read."""

    __slots__ = ()

    shot = _Lazy("shot", Shot.from_json)
    asked = _Lazy("asked", _mapping)
    work = _Lazy("work", _mapping)
    operation = _Lazy("operation", msgspec.json.Decoder(Operation).decode)
    result = _Lazy("result", msgspec.json.Decoder(Result).decode)
    error = _Lazy("error", msgspec.json.Decoder(Problem).decode)
    warnings = _Lazy("warnings", msgspec.json.Decoder(tuple[Notice, ...]).decode)


#: What a field is where its column is NULL.
_ABSENT: Mapping[str, str] = {"asked": "{}", "work": "{}", "warnings": "[]"}


def _setter(name: str) -> Callable[[Job, Any], None]:
    put: Callable[[Job, Any], None] = Job.__dict__[name].__set__
    if name == "cancel_requested":  # SQLite has 0 and 1
        return lambda job, value: put(job, bool(value))
    if (absent := _ABSENT.get(name)) is not None:
        return lambda job, value: put(job, absent if value is None else value)
    return put


_SETTERS = tuple(_setter(column.name) for column in jobs.c)


def job(row: Sequence[Any]) -> Job:
    """A row with all columns, in the order of the table → the Job."""
    made = Row.__new__(Row)
    for put, value in zip(_SETTERS, row, strict=True):
        put(made, value)
    return made


def encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


#: The columns that a new job brings, each as the field of that name but for what is JSON.
_PLAIN = ("id", "object", "project", "key_id", "dialect", "kind", "model", "engine", "stage", "priority",
          "deadline", "parent", "batch", "take_of", "idempotency_key", "fingerprint", "webhook_url")  # fmt: skip
GIVEN = (*_PLAIN, "status", "shot", "asked", "work", "warnings")


def values(new: NewJob) -> dict[str, Any]:
    """The columns of a new job but for its times."""
    given = {name: getattr(new, name) for name in _PLAIN}
    return given | {
        "status": "queued",
        "shot": None if new.shot is None else new.shot.to_json().decode(),
        "asked": encode(new.asked),
        "work": encode(new.work) if new.work else None,
        "warnings": encode(new.warnings) if new.warnings else None,
    }
