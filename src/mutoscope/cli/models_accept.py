"""`mutoscope models accept`: the licences that ask for a consent, read and accepted."""

from __future__ import annotations

import shutil
import textwrap
from typing import Any

import msgspec

from mutoscope.cli.agreeing import Yes, agreed
from mutoscope.cli.asked import Json
from mutoscope.cli.models_shown import licence_lines
from mutoscope.cli.records import print_json
from mutoscope.errors import BadInput, Cancelled
from mutoscope.models import licences, pieces


def accept(name: str, *, lora: str | None = None, yes: Yes = False, as_json: Json = False) -> None:
    """Show a model's licence and its conditions, and record that you accept them.

    Parameters
    ----------
    name
        The model; its LoRAs' licences are shown with its own.
    lora
        One of its LoRAs alone.
    """
    every = (
        [pieces.lora(name, lora)]
        if lora
        else [pieces.checkpoint(name), *pieces.loras(name).values()]
    )
    rows: list[dict[str, Any]] = []
    for piece in every:
        if not as_json:
            print(f"{piece.words} ({piece.title}, {piece.repository})")
            for line in licence_lines(piece.licence):
                print(textwrap.fill(line, _width(), initial_indent="  ", subsequent_indent="    "))
        given = licences.accepted(piece)
        if licences.lacking(piece):
            if not yes and not agreed(f"Do you accept {piece.licence.name}?", yes, silent=False):
                raise _refused(piece)
            given = licences.accept(piece)
        rows.append({"name": piece.key, "licence": msgspec.to_builtins(piece.licence)})
        rows[-1]["accepted"] = given.when if given and piece.licence.consent else None
        if not as_json:
            print(f"  {_ended(piece, rows[-1]['accepted'])}")
    if as_json:
        print_json(rows)


def _width() -> int:
    return max(40, shutil.get_terminal_size().columns - 1)


def _ended(piece: pieces.Piece, when: str | None) -> str:
    return f"accepted {when}" if piece.licence.consent else "asks for no consent"


def _refused(piece: pieces.Piece) -> BadInput | Cancelled:
    from mutoscope.cli.agreeing import terminal

    if terminal():
        return Cancelled(f"{piece.licence.name} was not accepted; {piece.words} is not used")
    return BadInput(
        f"nobody is at a terminal to accept {piece.licence.name}; read it, and pass --yes",
        field="yes",
    )
