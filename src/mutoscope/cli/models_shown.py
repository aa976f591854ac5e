"""A model as a line of a table, and as all that is known of it."""

from __future__ import annotations

from typing import Any

import msgspec

from mutoscope.catalog.checkpoint import Licence
from mutoscope.catalog.model import Contract
from mutoscope.models import folder, licences, pieces, places, record, state, told
from mutoscope.models.amounts import amount
from mutoscope.models.pieces import Piece

COLOURS = {"here": "green", "not here": "dim", "part": "yellow", "licence": "yellow"}


def row(one: Contract) -> dict[str, Any]:
    """For the table, and for --json. `bytes_here` counts a part that came, and the LoRAs."""
    assert one.checkpoint is not None
    piece = pieces.checkpoint(one.model)
    known, found = record.read(places.record(piece.key)), state.found(piece)
    return {
        "name": one.model,
        "title": one.title,
        "state": "licence" if licences.lacking(piece) else state.state(piece),
        "usable": not state.lacking(piece),
        "path": str(found) if found else None,
        "own": bool(known and known.folder),
        "bytes_here": _bytes(piece) + sum(map(_bytes, pieces.loras(one.model).values())),
        "bytes_to_download": 0 if found else piece.bytes,
        "cached": not found and state.cached(piece),
        "licence": piece.licence.name,
        "consent_needed": piece.licence.consent,
        "takes": told.takes(one.checkpoint),
        "weights_of": piece.model if piece.model != one.model else None,
    }


def full(one: Contract) -> dict[str, Any]:
    """Everything: the row, the checkpoint's own table, the LoRAs, what is lacking, and the record without
    its files."""
    assert one.checkpoint is not None
    piece = pieces.checkpoint(one.model)
    known = record.read(places.record(piece.key))
    return row(one) | {
        "lacking": state.lacking(piece),
        "checkpoint": msgspec.to_builtins(one.checkpoint),
        "loras": {
            called: {"lacking": state.lacking(lora), "bytes_here": _bytes(lora)}
            for called, lora in pieces.loras(one.model).items()
        },
        "pulled": {"commit": known.commit, "when": known.when, "files": len(known.files)}
        if known and not known.folder
        else None,
    }


def licence_lines(licence: Licence) -> list[str]:
    """A licence as it is read before it is accepted."""
    lines = [f"{licence.name}{f', {licence.page}' if licence.page else ''}", *told.demands(licence)]
    return [*lines, f"As read in: {licence.source}"]


def show_table(rows: list[dict[str, Any]]) -> None:
    """The models, two lines or three each, by the terminal's width."""
    import textwrap

    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    name_width = max((len(one["name"]) for one in rows), default=0)
    for one in rows:
        state = one["state"]
        console.print(
            Text(f"{one['name']:{name_width}}  ", "bold"),
            Text(f"{state:8}  ", COLOURS.get(state, "red")),
            Text(_size(one)),
            sep="",
        )
        consent = " (consent needed)" if one["consent_needed"] else ""
        kept = pieces.model(one["name"]).checkpoint
        takes = told.takes(kept, short=True) if kept else ""
        about = f"{one['title']}: {takes}. {one['licence']}{consent}"
        for line in textwrap.wrap(about, max(40, console.width - 2)):
            console.print(Text(f"  {line}"))
    console.print(f"in {folder()}", style="dim", markup=False, soft_wrap=True)
    for said in (
        "`mutoscope models show NAME` says more of one, `pull NAME` gets it",
        "licence: `mutoscope models accept NAME` first"
        if any(one["state"] == "licence" for one in rows)
        else "",
    ):
        if said:
            console.print(said, markup=False)


def _size(one: dict[str, Any]) -> str:
    if one["weights_of"]:
        return f"as {one['weights_of']}"
    if one["bytes_here"]:
        where = "in a folder of yours" if one["own"] else "on disk"
        return f"{amount(one['bytes_here'])} {where}"
    if one["cached"]:
        return "in the Hugging Face cache"
    coming = one["bytes_to_download"]
    return f"{amount(coming)} to download" if coming else "size not known"


def show_full(one: dict[str, Any]) -> None:
    """All of it, as lines with a name before them."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, lines in _lines(one):
        for number, line in enumerate(lines):
            table.add_row("" if number else name, Text(line))
    Console(highlight=False).print(table)


def _lines(one: dict[str, Any]) -> list[tuple[str, list[str]]]:
    contract = pieces.model(one["name"])
    kept = contract.checkpoint
    assert kept is not None
    here = one["path"] or one["lacking"]
    pulled = one["pulled"]
    shared = [f"kept as {one['weights_of']}"] if one["weights_of"] else []
    memory = kept.memory
    length = amount(kept.bytes) if kept.bytes else "length not known"
    return [
        ("name", [f"{contract.model}: {contract.title}"]),
        ("state", [here, *([f"commit {pulled['commit']}, {pulled['when']}"] if pulled else [])]),
        ("on disk", [amount(one["bytes_here"])] if one["bytes_here"] else []),
        ("lacking", [one["lacking"]] if one["lacking"] and one["path"] else []),
        ("from", [f"{kept.repository}, revision {kept.revision}", f"{length} to download", *shared]),
        ("films", [told.takes(kept)]),
        ("frames", [told.frames(kept)]),
        ("sizes", [told.sizes(kept)]),
        *((name, [told.tier(tier)]) for name, tier in kept.tiers.items()),
        (
            "memory",
            [
                f"{amount(memory.whole)} of the GPU's with all on it, {amount(memory.model)} with a part "
                f"at a time, {amount(memory.layers)} with a layer at a time",
                f"{amount(memory.main)} of the machine's for what is not on it",
                f"({memory.source})",
            ],
        ),
        ("licence", licence_lines(kept.licence) + _given(pieces.checkpoint(one["name"]))),
        *(
            (f"LoRA {called}", [lora.repository, *licence_lines(lora.licence), *_given(lora),
                                one["loras"][called]["lacking"] or "here"])
            for called, lora in pieces.loras(one["name"]).items()
        ),
    ]  # fmt: skip


def _given(piece: Piece) -> list[str]:
    if not piece.licence.consent:
        return []
    given = licences.accepted(piece)
    if given is None or licences.lacking(piece):
        return ["Not accepted."]
    return [f"Accepted {given.when}."]


def _bytes(piece: Piece) -> int:
    """On disk: the whole of it, or what came."""
    found = state.found(piece)
    return state.length(found) if found else state.length(places.arriving(piece.key))
