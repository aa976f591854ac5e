"""What a folder's former runs have done, so that a run goes on where the last one stopped.

A file of one JSON line for each finished picture, `.mutoscope-prepare.jsonl` in the folder of the
results. A line is added only after its picture has its name; a line that a crash cut off is left out.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from mutoscope.errors import BadImage, CannotWrite
from mutoscope.images.encode import put
from mutoscope.images.gather import Task
from mutoscope.images.prepare import Recipe

NAME = ".mutoscope-prepare.jsonl"
#: Raised when the same recipe gives other pixels than before.
VERSION = 1


class Line(msgspec.Struct, frozen=True):
    """`bytes`, `changed` (nanoseconds) are the source's, `made` the result's length in bytes."""

    source: str
    bytes: int
    changed: int
    recipe: str
    name: str
    made: int


State = tuple[int, int]


class Record:
    """The lines by source. Use as a context manager; `add` may be called from several threads."""

    def __init__(self, folder: Path, recipe: str, lines: dict[str, Line]) -> None:
        self.folder = folder
        self.recipe = recipe
        self._lines = lines
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, folder: Path, recipe: Recipe) -> Record:
        """The record of a folder, empty where there is none yet."""
        text = msgspec.json.encode([VERSION, recipe], enc_hook=str)
        return cls(folder, hashlib.sha256(text).hexdigest()[:16], _read(folder / NAME))

    @property
    def names(self) -> Mapping[str, str]:
        """The results' names by source, as former runs gave them."""
        return {source: line.name for source, line in self._lines.items()}

    def has(self, task: Task) -> bool:
        """Whether the task was done, by this recipe, and source and result are as they were."""
        line = self._lines.get(str(task.source))
        if line is None or line.recipe != self.recipe or line.name != task.name:
            return False
        try:
            same = self.state(task) == (line.bytes, line.changed)
            return same and (self.folder / line.name).stat().st_size == line.made
        except (OSError, BadImage):
            return False

    @staticmethod
    def state(task: Task) -> State:
        """The source's length and time of change, taken before it is read. Raises BadImage."""
        try:
            stat = task.source.stat()
        except FileNotFoundError:
            raise BadImage(f"{task.source}: there is no such file") from None
        except OSError as error:
            raise BadImage(f"{task.source} cannot be read: {error.strerror}") from None
        return stat.st_size, stat.st_mtime_ns

    def add(self, task: Task, state: State, made: int) -> None:
        """Note that the task is done. Raises CannotWrite."""
        line = Line(str(task.source), *state, self.recipe, task.name, made)
        with self._lock:
            if self._file is None:
                raise ValueError("the record is not open")
            self._lines[line.source] = line
            try:
                self._file.write(msgspec.json.encode(line) + b"\n")
                self._file.flush()
            except OSError as error:
                raise CannotWrite(
                    f"{self.folder / NAME} cannot be written: {error.strerror}"
                ) from error

    def __enter__(self) -> Record:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for part in self.folder.glob(".*.part"):
                part.unlink(missing_ok=True)  # a killed run's
            if (self.folder / NAME).exists():  # rewritten: no line twice, none cut off
                lines = (msgspec.json.encode(line) + b"\n" for line in self._lines.values())
                put(b"".join(lines), self.folder / NAME)
            self._file = (self.folder / NAME).open("ab")
        except OSError as error:
            raise CannotWrite(
                f"{self.folder} cannot be written: {error.strerror}; name another folder with --out"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            if os.path.getsize(self.folder / NAME) == 0:
                (self.folder / NAME).unlink()
            self._file = None


def _read(path: Path) -> dict[str, Line]:
    decoder = msgspec.json.Decoder(Line)
    lines: dict[str, Line] = {}
    try:
        content = path.read_bytes()
    except OSError:
        return lines
    for text in content.splitlines():
        try:
            line = decoder.decode(text)
        except msgspec.DecodeError:
            continue
        lines[line.source] = line
    return lines
