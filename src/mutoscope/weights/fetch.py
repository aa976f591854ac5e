"""Fetch: try an entry's sources in order until one gives the file whose SHA-256 the manifest names.

The file is made in a work folder beside its place and takes its name in one step, so it is there
whole or not at all. A lock makes a second process wait for the first and then find the file there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from mutoscope.errors import BadInput, CannotWrite, Missing, WeightsCorrupt
from mutoscope.weights import cache, sources
from mutoscope.weights.clients import SourceFailed
from mutoscope.weights.convert import CONVERTERS
from mutoscope.weights.hub import HubUnreachable
from mutoscope.weights.manifest import Entry, Hub

Report = Callable[[str, float], None]  # what is going on, and how far it is, 0..1


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one entry. `source` is "" where the file was already there."""

    name: str
    path: str
    sha256: str
    size: int
    source: str = ""


def fetch(entry: Entry, *, accept_licence: bool = False, report: Report | None = None) -> Fetched:
    """Have the entry's file in the cache, verified; a file that is there and whole is left alone.

    `BadInput` where its licence is not permissive and was not accepted, `Missing` with every
    source's reason where none gave it, `CannotWrite` where the cache folder cannot be written.
    """
    report = report or (lambda stage, done: None)
    if (there := _whole(entry)) is not None:
        return there
    if not (entry.permissive or accept_licence):
        raise BadInput(
            f"the weights {entry.name!r} ({entry.title}) are under {entry.licence}, which is not a "
            "permissive licence; read it, and pass --accept-licence if its terms suit you",
            field="accept_licence",
        )
    try:
        with _work(entry, report) as work:
            # another process may have fetched it while this one waited
            return _whole(entry) or _from_sources(entry, work, report)
    except OSError as error:
        raise CannotWrite(
            f"the weights cannot be written to {cache.folder()}: {error.strerror or error}; "
            "MUTOSCOPE_WEIGHTS names another folder"
        ) from None


def _whole(entry: Entry) -> Fetched | None:
    try:
        path = cache.verify(entry)
    except WeightsCorrupt:
        if cache.find(entry) == cache.own_path(entry):
            raise  # the owner's file is the owner's to mend
        return None
    if path is None:
        return None
    size = path.stat().st_size
    record = cache.own_record(entry) if path == cache.own_path(entry) else None
    sha256 = record.sha256 if record else entry.sha256
    return Fetched(name=entry.name, path=str(path), sha256=sha256, size=size)


def _from_sources(entry: Entry, work: Path, report: Report) -> Fetched:
    reasons: list[str] = []
    hub_unreachable = False
    wanted, size = entry.delivered
    for source in entry.sources:
        if isinstance(source, Hub) and hub_unreachable:
            continue
        try:
            got = sources.get(source, work, size, report)
            if (found := cache.sha256_of(got)) != wanted:
                got.unlink()
                raise SourceFailed(f"its SHA-256 is {found[:16]}…, not {wanted[:16]}…")
            made = _converted(entry, got, work, report)
            place = cache.folder() / entry.cached_as
            os.replace(made, place)
        except SourceFailed as failed:
            hub_unreachable = hub_unreachable or isinstance(failed, HubUnreachable)
            reasons.append(f"{source}: {failed}")
            continue
        for left in work.iterdir():  # of sources that were cut off before this one
            left.unlink()
        return Fetched(
            name=entry.name,
            path=str(place),
            sha256=entry.sha256,
            size=entry.size,
            source=str(source),
        )
    raise Missing(
        f"the weights {entry.name!r} could not be fetched: {'; '.join(reasons)}. Where another "
        f"machine has the file {entry.file}, `mutoscope weights add {entry.name} FILE` takes it"
    )


def _converted(entry: Entry, raw: Path, work: Path, report: Report) -> Path:
    if not entry.convert:
        return raw
    if entry.convert not in CONVERTERS:
        raise SourceFailed(f"this version has no converter {entry.convert!r}")
    report(f"converting {entry.name}", 0.0)
    out = work / entry.file
    try:
        CONVERTERS[entry.convert](raw, out)
    except ValueError as error:
        raise SourceFailed(f"its file cannot be converted: {error}") from None
    if (found := cache.sha256_of(out)) != entry.sha256:
        out.unlink()
        raise SourceFailed(f"converted, its SHA-256 is {found[:16]}…, not {entry.sha256[:16]}…")
    return out


@contextmanager
def _work(entry: Entry, report: Report) -> Iterator[Path]:
    """The entry's work folder, this process's alone. What an earlier, cut-off download from a hub
    left there is gone on with; a killed process's lock is the kernel's to open."""
    room = cache.folder() / ".fetch"
    room.mkdir(parents=True, exist_ok=True)
    import fcntl

    with (room / f"{entry.name}.lock").open("w") as lock:
        work = room / entry.name
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another mutoscope that fetches it", 0.0)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            work = room / f"{entry.name}-{os.getpid()}"  # a file system without locks
        work.mkdir(exist_ok=True)
        try:
            yield work
        finally:
            if not any(work.iterdir()):
                work.rmdir()
