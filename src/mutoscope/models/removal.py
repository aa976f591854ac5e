"""Remove: what a pull made is deleted, what is the owner's is forgotten."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from mutoscope.errors import CannotWrite
from mutoscope.models import locking, pieces, places, record, state
from mutoscope.models.pieces import Piece


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """`freed` in bytes: without what another checkpoint or the hub client's cache still holds. `kept` is
    the owner's folder, which was only forgotten."""

    name: str
    freed: int
    kept: str = ""


def present(name: str, lora: str = "") -> list[Piece]:
    """The model's checkpoint and LoRAs of which anything is here, or the one LoRA that is named."""
    every = [pieces.lora(name, lora)] if lora else [
        pieces.checkpoint(name), *pieces.loras(name).values()
    ]  # fmt: skip
    return [piece for piece in every if any(path.exists() for path in _traces(piece.key))]


def remove(piece: Piece) -> Removed:
    """Delete what a pull made of it, whole or in part. Raises CannotWrite, and BadInput while a pull of it
    is at work."""
    try:
        with locking.locked(piece):
            known = record.read(places.record(piece.key))
            freed = sum(state.length(path, own=True) for path in _traces(piece.key))
            set_aside(piece.key)
            clear(piece.key)
            shutil.rmtree(places.work(piece.key), ignore_errors=True)
    except OSError as error:
        raise CannotWrite(
            f"{error.filename or places.folder()} cannot be removed: {error.strerror or error}"
        ) from None
    return Removed(name=piece.key, freed=freed, kept=known.folder if known else "")


def set_aside(key: str) -> None:
    """Take record and name from what is there, at once. Raises OSError."""
    places.record(key).unlink(missing_ok=True)
    if places.place(key).exists():
        clear(key)
        _aside(key).parent.mkdir(parents=True, exist_ok=True)
        os.rename(places.place(key), _aside(key))


def clear(key: str) -> None:
    """Delete what was set aside, now or by a process that was cut off. Raises OSError."""
    if _aside(key).exists():
        shutil.rmtree(_aside(key))


def _aside(key: str) -> Path:
    return places.work(key).with_name(f"{key}.old")


def _traces(key: str) -> tuple[Path, ...]:
    return places.record(key), places.place(key), places.work(key), _aside(key)
