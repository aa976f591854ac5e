"""`mutoscope models`: the checkpoints of models with open weights, on this machine's disk."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from mutoscope.cli.agreeing import Yes, agreed
from mutoscope.cli.asked import Json
from mutoscope.cli.models_shown import full, row, show_full, show_table
from mutoscope.cli.records import print_json
from mutoscope.errors import BadInput
from mutoscope.models import folder, pieces

app = App(name="models", help="List, pull, verify and remove models with open weights.")
Lora = Annotated[str, Parameter(help="One of the model's LoRAs, instead of its checkpoint.")]
#: Verbs that live in files of their own, imported when they are called.
MORE = {
    "pull": ("mutoscope.cli.models_pull:pull", "Download a model's checkpoint, or go on with it."),
    "use": ("mutoscope.cli.models_use:use", "Use a checkpoint that you have in a folder."),
    "accept": ("mutoscope.cli.models_accept:accept", "Read and accept a model's licence."),
    "verify": (
        "mutoscope.cli.models_verify:verify",
        "Read checkpoints again, compare their hashes.",
    ),
}
for _verb, (_place, _about) in MORE.items():
    app.command(_place, name=_verb, help=_about)


@app.command(name="list")
def list_(name: str = "", *, as_json: Json = False) -> None:
    """List the models: what each is for, its licence, and whether it is here.

    Parameters
    ----------
    name
        One of them, with all that is known of it.
    """
    if name:
        show(name, as_json=as_json)
        return
    rows = [row(one) for one in pieces.models()]
    if as_json:
        print_json({"folder": str(folder()), "models": rows})
    else:
        show_table(rows)


@app.command
def show(name: str, *, as_json: Json = False) -> None:
    """Show all that is known of a model: what it takes, its memory, its licence, what is here.

    Parameters
    ----------
    name
        Which one.
    """
    one = full(pieces.model(name))
    if as_json:
        print_json(one)
    else:
        show_full(one)


@app.command
def remove(name: str, *, lora: Lora = "", yes: Yes = False, as_json: Json = False) -> None:
    """Delete what was pulled of a model; a folder of yours is only forgotten.

    Parameters
    ----------
    name
        Which one, with its LoRAs.
    """
    from mutoscope.models import removal
    from mutoscope.models.amounts import amount

    present = removal.present(name, lora)
    if not present:
        raise BadInput(f"nothing of {pieces.model(name).model} is here", field="name")
    sharing = pieces.sharing(present)
    also = f" {', '.join(sharing)} will not be here either." if sharing else ""
    if not agreed(f"Remove {' and '.join(piece.words for piece in present)}?{also}", yes):
        print("nothing was removed")
        return
    removed = [removal.remove(piece) for piece in present]
    if as_json:
        print_json(removed)
        return
    for one in removed:
        what = f"{one.kept} is forgotten, and kept" if one.kept else f"{amount(one.freed)} freed"
        print(f"{one.name}: {what}")
