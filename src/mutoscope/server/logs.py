"""The log: a line an event, as JSON or text, with what the line is about; never a secret."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from random import getrandbits
from typing import IO, Any, Literal

import msgspec

#: What the lines of the present task are about: request, job, project.
_about: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("about")

GATHER = 0.05  # seconds

#: What must never be written, should anything put it into a message.
SECRETS = re.compile(
    r"(muto_|whsec_|sk-)[A-Za-z0-9_\-+/=]{6,}"
    r"|(?i:(bearer\s+))[^\s\"',;]+"
    r"|(?i:((?:signature|api[-_]?key|secret|token|password)=))[^&\s\"']+"
    r"|(?i:(://[^/\s:@]+:))[^@\s/]+(?=@)"
)


def request_id() -> bytes:
    """A name for a request, by which its lines are found."""
    return b"req_%024x" % getrandbits(96)


def clean(text: str) -> str:
    """The text with keys, signatures and passwords left out."""
    return SECRETS.sub(lambda found: next(filter(None, found.groups()), "") + "…", text)


def begin(**what: str) -> None:
    """Name what all further lines of this task are about."""
    _about.set(what)


@contextmanager
def about(**what: str) -> Iterator[None]:
    """Name what the lines written within are about: `with about(job=job.id): …`."""
    token = _about.set(_about.get({}) | what)
    try:
        yield
    finally:
        _about.reset(token)


class Lines(logging.Handler):
    """Writes every record as one line. Lines of requests are gathered for GATHER seconds, since there may
    be thousands a second; any other line is written at once, after those."""

    def __init__(self, stream: IO[str], form: Literal["json", "text"]) -> None:
        super().__init__()
        self._stream, self._write = stream, _json if form == "json" else _text
        self._gathered: list[str] = []

    def request(self, message: str, fields: dict[str, Any]) -> None:
        """A line about a request that was answered; on the event loop."""
        if not self._gathered:
            asyncio.get_running_loop().call_later(GATHER, self.flush)
        self._gathered.append(
            self._write(time.time(), "INFO", "mutoscope.requests", message, fields)
        )

    def flush(self) -> None:
        """Write what was gathered."""
        with self.lock or contextlib.nullcontext():
            lines, self._gathered = self._gathered, []
            if lines:
                self._stream.write("".join(lines))
                self._stream.flush()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fields: dict[str, Any] = {**_about.get({}), **getattr(record, "fields", {})}
            if record.exc_info:
                text = logging.Formatter().formatException(record.exc_info)
                fields["traceback"] = clean(text)
            line = self._write(
                record.created, record.levelname, record.name, clean(record.getMessage()), fields
            )
            self.flush()
            self._stream.write(line)
            self._stream.flush()
        except Exception:
            self.handleError(record)


def _json(at: float, level: str, name: str, message: str, fields: dict[str, Any]) -> str:
    line = {"at": _stamp(at), "level": level.lower(), "logger": name, "message": message}
    return msgspec.json.encode(line | fields).decode("utf-8", "replace") + "\n"


def _text(at: float, level: str, name: str, message: str, fields: dict[str, Any]) -> str:
    trace = fields.pop("traceback", None)
    rest = "".join([f"  {key}={value}" for key, value in fields.items()])
    line = f"{_stamp(at)} {level.lower():7} {message}{rest}"
    if not line.isprintable():  # what strangers send may hold what moves a terminal's cursor
        line = "".join(sign if sign.isprintable() else " " for sign in line)
    return f"{line}\n{trace}\n" if trace else f"{line}\n"


def _stamp(at: float) -> str:
    whole = int(at)
    return f"{_second(whole)}.{int((at - whole) * 1000):03d}Z"


@lru_cache(maxsize=8)
def _second(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))


def set_up(form: Literal["json", "text"], stream: IO[str] | None = None) -> Lines:
    """Write the process's log to `stream` (standard error) in this form."""
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    lines = Lines(stream or sys.stderr, form)
    root.addHandler(lines)
    root.setLevel(logging.WARNING)
    logging.getLogger("mutoscope").setLevel(logging.INFO)
    # broken requests are their senders' errors, told in the answers; what breaks here the front writes
    for name in ("python_multipart", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.captureWarnings(True)
    return lines
