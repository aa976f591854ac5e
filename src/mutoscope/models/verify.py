"""Verify: every file read again and compared with the record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from mutoscope.errors import CannotWrite, WeightsCorrupt
from mutoscope.models import hashes, layout, places, record, state
from mutoscope.models.pieces import Piece
from mutoscope.models.record import File


def verify(piece: Piece, done: Callable[[str], None] = lambda name: None) -> str:
    """How it stands: "verified", "missing" where it is not here, or "whole" for a folder of the owner's,
    of which only names and lengths are known. WeightsCorrupt names what is damaged, and the record keeps it, so that
    nothing is made with it until a pull has mended it."""
    known = record.read(places.record(piece.key))
    if known is None:
        return "missing"
    if known.folder:
        if said := state.flaw(piece, known) or _cut_short(known.folder):
            raise WeightsCorrupt(
                f"{said}; name another with `mutoscope models use {piece.model} FOLDER`"
            )
        return "whole"
    damaged = []
    for name, file in known.files.items():
        if not _same(piece, name, file):
            damaged.append(name)
        done(name)
    if tuple(damaged) != known.damaged:
        try:
            now = msgspec.structs.replace(known, damaged=tuple(damaged))
            record.write(places.record(piece.key), now)
        except OSError as error:
            raise CannotWrite(
                f"{places.record(piece.key)} cannot be written: {error.strerror or error}"
            ) from None
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        raise WeightsCorrupt(
            f"{damaged[0]}{more} of {piece.words} changed since the pull; get it again with "
            f"`mutoscope models pull {piece.verb}`"
        )
    return "verified"


def _cut_short(folder: str) -> str:
    try:
        said = layout.cut_short(Path(folder))
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
    return f"the folder {folder} {said}" if said else ""


def _same(piece: Piece, name: str, file: File) -> bool:
    try:
        return bool(hashes.checked(places.place(piece.key) / name, file))
    except OSError:
        return False
