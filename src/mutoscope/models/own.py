"""Use: a checkpoint that the owner has in a folder, without a copy."""

from __future__ import annotations

from pathlib import Path

from mutoscope.errors import BadInput, CannotWrite
from mutoscope.models import layout, locking, pieces, places, record
from mutoscope.models.record import Record


def use(name: str, folder: Path) -> Path:
    """Have the model use the checkpoint in `folder`, from now on and in its place. `BadInput` says why it
    cannot: what the folder lacks, or that a checkpoint was pulled already."""
    piece = pieces.checkpoint(name)
    try:
        place = folder.expanduser().absolute()
        if not place.is_dir():
            what = "is no folder" if place.exists() else "is not there"
            raise BadInput(
                f"{place} {what}; give the folder that has model_index.json", field="folder"
            )
        lacks = layout.lacks(place, piece.family) or layout.cut_short(place)
    except OSError as error:
        raise BadInput(f"{folder} cannot be read: {error.strerror}", field="folder") from None
    except RuntimeError:  # ~somebody
        raise BadInput(f"{folder} is not there: nobody has that home", field="folder") from None
    if lacks:
        raise BadInput(
            f"the folder {place} {lacks}; {name} takes a checkpoint in diffusers' layout",
            field="folder",
        )
    try:
        with locking.locked(piece):
            if places.place(piece.key).exists():
                raise BadInput(
                    f"{name} was pulled already; remove that first with `mutoscope models remove {name}`",
                    field="name",
                )
            kept = Record(
                repository="", revision="", commit="", when=record.now(), folder=str(place)
            )
            record.write(places.record(piece.key), kept)
    except OSError as error:
        raise CannotWrite(
            f"{places.folder()} cannot be written: {error.strerror or error}; MUTOSCOPE_MODELS names "
            "another folder"
        ) from None
    return place
