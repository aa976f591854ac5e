"""Take a file that the owner has: the manifest's own, or another of the form that an entry expects."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from mutoscope.errors import BadInput, CannotWrite
from mutoscope.weights import cache
from mutoscope.weights.manifest import Entry


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """The owner's file in the cache. `exact`: it is the very file that the manifest names."""

    name: str
    path: str
    sha256: str
    size: int
    exact: bool
    form: str = ""  # the model's inputs and outputs in words


def add(entry: Entry, file: Path) -> Added:
    """Copy `file` into the cache for `entry`, from where `find` gives it from now on.

    The manifest's own file is known by its SHA-256. Another one must pass the entry's form check;
    its licence is its owner's affair. `BadInput` says why a file is not taken.
    """
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "is not there"
        raise BadInput(f"{file} {what}; give the path of the ONNX file", field="file")
    try:
        sha256, size = cache.sha256_of(file), file.stat().st_size
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}", field="file") from None
    exact = sha256 == entry.sha256
    form = ""
    if not exact:
        if not entry.form:
            raise BadInput(
                f"{file} has SHA-256 {sha256[:16]}…, and {entry.name!r} takes only "
                f"{entry.file} with {entry.sha256[:16]}…",
                field="file",
            )
        from mutoscope.weights.form import CHECKS

        form = CHECKS[entry.form](file)
    place = cache.folder() / entry.cached_as if exact else cache.own_path(entry)
    record = cache.own_path(entry).with_suffix(".json")
    try:
        if exact:
            _copy(file, place)
            record.unlink(missing_ok=True)  # the newest one given is the one used
            cache.own_path(entry).unlink(missing_ok=True)
        else:
            record.unlink(missing_ok=True)  # the old record must not vouch for the new file
            _copy(file, place)
            own = cache.Own(sha256=sha256, size=size, original=str(file.absolute()))
            _write(record, msgspec.json.encode(own))
    except OSError as error:
        raise CannotWrite(f"{place} cannot be written: {error.strerror or error}") from None
    return Added(name=entry.name, path=str(place), sha256=sha256, size=size, exact=exact, form=form)


def _copy(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        shutil.copyfile(file, beside)
        os.replace(beside, place)
    finally:
        beside.unlink(missing_ok=True)


def _write(place: Path, data: bytes) -> None:
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        os.replace(beside, place)
    finally:
        beside.unlink(missing_ok=True)
