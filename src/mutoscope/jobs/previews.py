"""What there is already of films that are being made: a small picture a job, until the job has ended.

It lies in the data folder, which servers that share their records share too, and in no row: who loses it
has the next one in a few steps.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from mutoscope.jobs.job import Job
from mutoscope.storage.sniff import HEAD, media_type

MOST = 1 << 20  # bytes of a preview: an engine that writes more means something else
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True, slots=True)
class Preview:
    """`version` is another for each new picture."""

    content: bytes
    type: str
    version: int


class Previews:
    """See the module. `data` is the data folder. The methods block, for as long as a small file takes."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "work" / "previews"

    def show(self, job: str, picture: Path) -> None:
        """Have an engine's picture be the job's preview. One that is gone, or is no picture, is not."""
        with contextlib.suppress(OSError):
            with picture.open("rb") as file:
                content = file.read(MOST + 1)
            if len(content) > MOST or media_type(content[:HEAD]) not in SHOWN:
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._folder / f".{job}.{os.getpid()}"
            part.write_bytes(content)
            part.replace(self._folder / job)

    def hide(self, job: str) -> None:
        """The job has ended."""
        with contextlib.suppress(OSError):
            (self._folder / job).unlink()

    def version(self, job: Job) -> int:
        """That of the job's newest preview; 0 where there is none."""
        if job.status == "in_progress" and not job.hidden:
            with contextlib.suppress(OSError):
                return (self._folder / job.id).stat().st_mtime_ns
        return 0

    def of(self, job: Job) -> Preview | None:
        """The newest picture of a job that is under way."""
        if not (version := self.version(job)):
            return None
        with contextlib.suppress(OSError):
            content = (self._folder / job.id).read_bytes()
            return Preview(content, media_type(content[:HEAD]), version)
        return None

    def sweep(self, older_than: float = 0.0) -> None:
        """Remove those that a killed process left; `older_than`: seconds since 1970 (0: all)."""
        for left in self._folder.iterdir() if self._folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if not older_than or left.stat().st_mtime < older_than:
                    left.unlink()
