"""Carry a plan out: every file linked or downloaded, verified, and only then under its name."""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from mutoscope.errors import WeightsCorrupt
from mutoscope.models import hashes, hub, places, plan
from mutoscope.models.plan import Share
from mutoscope.models.record import File

AT_ONCE = 4  # files; one connection seldom fills a line


class Report:
    """What a pull tells while it is at work; this one tells nobody."""

    def said(self, line: str) -> None:
        """Something to know: it waits, it leaves something out."""

    def moved(self, length: int) -> None:
        """Bytes came; a negative number has to come again."""

    def done(self, name: str) -> None:
        """A file is whole and verified."""


def carried(share: Share, work: Path, report: Report) -> dict[str, File]:
    """Have every file of the plan in `work`, verified; name → file with its SHA-256. Raises Missing,
    WeightsCorrupt, Cancelled, OSError; what came so far stays."""
    stop = threading.Event()
    largest_first = sorted(share.plan.files.items(), key=lambda one: -one[1].size)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = [
            pool.submit(_file, share, name, file, work / name, report, stop)
            for name, file in largest_first
        ]
        try:
            done, _ = wait(ended, return_when=FIRST_EXCEPTION)
            for one in done:
                one.result()  # raises what went wrong, while the others are still at work
            return dict(one.result() for one in ended)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _file(
    share: Share, name: str, file: File, place: Path, report: Report, stop: threading.Event
) -> tuple[str, File]:
    place.parent.mkdir(parents=True, exist_ok=True)
    if name in share.links and (sha256 := _linked(share.links[name], place, file)):
        pass
    elif name not in share.gets and name not in share.links:
        sha256 = file.sha256 or hashes.sha256(place)  # verified before it got its name
    else:
        sha256 = _downloaded(share, name, file, place, report, stop)
    report.done(name)
    return name, File(size=file.size, sha256=sha256, git=file.git)


def _linked(source: Path, place: Path, file: File) -> str:
    """The file's SHA-256 once it is there without a copy; "" where the source is not what it should be.
    A link that keeps the content when its other name goes is better than one that only points there."""
    try:
        sha256 = hashes.checked(source, file)
    except OSError:
        sha256 = ""  # gone meanwhile, or another user's
    if not sha256:
        return ""
    place.unlink(missing_ok=True)
    try:
        os.link(source, place)
    except OSError:
        if source.is_relative_to(places.folder()):
            return ""  # what is ours may be removed
        place.symlink_to(source)
    return sha256


def _downloaded(
    share: Share, name: str, file: File, place: Path, report: Report, stop: threading.Event
) -> str:
    part, plan_ = plan.part(place), share.plan
    part.touch()
    for _ in range(2):  # a start that was damaged on the disk comes again
        hub.download(plan_.repository, plan_.commit, name, part, file.size, report.moved, stop)
        if sha256 := hashes.checked(part, file):
            with part.open("rb") as whole:
                os.fsync(whole.fileno())
            os.replace(part, place)
            return sha256
        part.unlink()
        report.moved(-file.size)
        part.touch()
    part.unlink()
    raise WeightsCorrupt(f"{name} came damaged twice: its hash is not the one that the hub lists")
