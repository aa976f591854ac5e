"""`mutoscope models use`: a checkpoint that the owner has, where it is."""

from __future__ import annotations

from pathlib import Path

from mutoscope.cli.asked import Json
from mutoscope.cli.records import print_json
from mutoscope.models import lacking


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
    said = lacking(name)
    if as_json:
        print_json({"name": name, "path": str(place), "lacking": said})
        return
    print(f"{name}: {place}, in its place")
    if said:
        print(f"  {said}")
