"""Checkpoints of models with open weights: what is here, what may be used, and where it lies.

The functions here are all that an engine needs. They read names and lengths, never the weights, and
neither touch the network nor load a library of the gpu extra. `name` is a model of the catalogue that
has a checkpoint; any other raises `BadShot`.
"""

from __future__ import annotations

from pathlib import Path

from mutoscope.models.places import folder

__all__ = ["find", "folder", "lacking", "lora"]


def find(name: str) -> Path | None:
    """The folder of the whole checkpoint, in diffusers' layout with its `model_index.json`; None where it
    is not here or not whole. Whether its licence was accepted is `lacking`'s to say."""
    from mutoscope.models import pieces, state

    return state.found(pieces.checkpoint(name))


def lacking(name: str) -> str:
    """Why the checkpoint cannot be used, as a sentence with its mend; "" where it can."""
    from mutoscope.models import pieces, state

    return state.lacking(pieces.checkpoint(name))


def lora(name: str, lora: str) -> dict[str, Path] | None:
    """Component → file of one of the model's LoRAs; None where it is not whole here, or its licence asks
    for a consent that was not given. `BadInput` for one that the model does not have."""
    from mutoscope.models import pieces, state

    piece = pieces.lora(name, lora)
    place = None if state.lacking(piece) else state.found(piece)
    return None if place is None else {part: place / file for part, file in piece.parts.items()}
