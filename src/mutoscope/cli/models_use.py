"""`mutoscope models use`: a checkpoint that the owner has, where it is."""

from __future__ import annotations

from pathlib import Path

from mutoscope.catalog.rules import listed
from mutoscope.cli.asked import Json
from mutoscope.cli.records import print_json
from mutoscope.models import lacking, pieces, state


def use(name: str, folder: Path, *, as_json: Json = False) -> None:
    """Use a checkpoint in a folder of yours, without copying it.

    Parameters
    ----------
    name
        The model whose kind of checkpoint it is.
    folder
        Its folder, in diffusers' layout: the one that has model_index.json.
    """
    from mutoscope.models.own import use as use_it

    place = use_it(name, folder)
    said = lacking(name) or _without_lora(name)
    if as_json:
        print_json({"name": name, "path": str(place), "lacking": said})
        return
    print(f"{name}: {place}, in its place")
    if said:
        print(f"  {said}")


def _without_lora(name: str) -> str:
    """Which qualities want a LoRA that is not in the folder."""
    for lora, piece in pieces.loras(name).items():
        kept = pieces.model(name).checkpoint
        tiers = kept.tiers if kept else {}
        wanting: list[str] = [one for one, tier in tiers.items() if tier.lora == lora]
        if wanting and (lacks := state.lacking(piece)):
            return f"the quality {listed(wanting)} needs a LoRA besides: {lacks}"
    return ""
