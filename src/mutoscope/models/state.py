"""What is here of a piece: told from its record and from names and lengths on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mutoscope.models import hf_cache, layout, licences, places, record
from mutoscope.models.amounts import amount
from mutoscope.models.pieces import Piece
from mutoscope.models.record import Record

State = Literal["here", "not here", "part", "damaged"]


def found(piece: Piece) -> Path | None:
    """Its folder where it is whole."""
    known = record.read(places.record(piece.key))
    return None if known is None or flaw(piece, known) else home(piece, known)


def home(piece: Piece, known: Record) -> Path:
    """Where the record says that it lies."""
    return Path(known.folder) if known.folder else places.place(piece.key)


def flaw(piece: Piece, known: Record) -> str:
    """ "" where what the record tells of is there with its length; else what is not, as a clause."""
    place = home(piece, known)
    if known.folder:
        said = layout.lacks(place, piece.family) if place.is_dir() else "is not there"
        return f"the folder {place} {said}" if said else ""
    if known.damaged:
        return f"{known.damaged[0]} has changed"
    for name, file in known.files.items():
        try:
            size = (place / name).stat().st_size
        except OSError:
            return f"{name} is missing"
        if size != file.size:
            return f"{name} has {size:,} bytes instead of {file.size:,}"
    return ""


def state(piece: Piece) -> State:
    """Whether it is here; its licence aside."""
    known = record.read(places.record(piece.key))
    if known is not None and (known.folder or places.place(piece.key).is_dir()):
        return "damaged" if flaw(piece, known) else "here"
    return "part" if length(places.arriving(piece.key)) else "not here"


def lacking(piece: Piece) -> str:
    """ "" where it can be used; else why not, as a sentence with its mend."""
    if said := licences.lacking(piece):
        return said
    known = record.read(places.record(piece.key))
    now, pull = state(piece), f"`mutoscope models pull {piece.verb}`"
    if now == "here":
        return ""
    if now == "damaged" and known is not None:
        if known.folder:
            return f"{flaw(piece, known)}; name another with `mutoscope models use {piece.model} FOLDER`"
        return f"{piece.words} is damaged: {flaw(piece, known)}; mend it with {pull}"
    if now == "part":
        came = amount(length(places.arriving(piece.key)))
        whole = f" of {amount(piece.bytes)}" if piece.bytes else ""
        return f"{piece.words} has come only in part ({came}{whole}); go on with {pull}"
    if cached(piece):
        return f"{piece.words} is not here, but in the Hugging Face cache; {pull} links it"
    size = f"{amount(piece.bytes)}, " if piece.bytes else ""
    return f"{piece.words} ({size}{piece.repository}) is not here; get it with {pull}"


def cached(piece: Piece) -> bool:
    """Whether the cache of the hub's client has it, so that a pull has little or nothing to download."""
    return not piece.lora and hf_cache.whole(piece.repository, piece.revision)


def length(place: Path, *, own: bool = False) -> int:
    """Bytes of all files in a folder, 0 where there is none. `own`: only of those that nothing else
    holds, so that they are free once the folder is gone."""
    total = 0
    for path in place.rglob("*") if place.is_dir() else ():
        try:
            told = path.lstat() if own else path.stat()
        except OSError:
            continue  # a link whose file is gone, or a file that another process just renamed
        if path.is_file() and not (own and (path.is_symlink() or told.st_nlink > 1)):
            total += told.st_size
    return total
