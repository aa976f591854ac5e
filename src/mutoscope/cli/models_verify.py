"""`mutoscope models verify`: whether the files are still those that were pulled."""

from __future__ import annotations

from typing import Any

from mutoscope.cli.asked import Json
from mutoscope.cli.records import print_json
from mutoscope.errors import MutoscopeError, WeightsCorrupt
from mutoscope.models import pieces, removal
from mutoscope.models.pieces import Piece


def verify(*names: str, as_json: Json = False) -> None:
    """Read checkpoints that are here, and their LoRAs, and compare their SHA-256 with the record.

    Parameters
    ----------
    names
        Which ones; without a name, all that are here.
    """
    from mutoscope.cli.weights import end
    from mutoscope.models.verify import verify as verify_one

    rows: list[dict[str, Any]] = []
    failures: list[MutoscopeError] = []
    chosen: dict[str, Piece] = {}  # two models may film with the same weights
    for name in names or [one.model for one in pieces.models()]:
        present = removal.present(name) or ([pieces.checkpoint(name)] if names else [])
        chosen |= {piece.key: piece for piece in present}
    for piece in chosen.values():
        try:
            rows.append({"name": piece.key, "state": verify_one(piece)})
        except WeightsCorrupt as failed:
            failures.append(failed)
            rows.append({"name": piece.key, "state": "damaged", "message": failed.message})
    if as_json:
        print_json(rows)
    else:
        for one in rows:
            print(f"{one['name']}: {WORDS[one['state']]}")
        if not rows:
            print("nothing is here; `mutoscope models list` says what there is")
    end(failures)


#: what `mutoscope.models.verify` says → what it means
WORDS = {
    "verified": "verified",
    "missing": "not here",
    "whole": "a folder of yours; all files are there in their length, and there is no record to compare them with",
    "damaged": "damaged",
}
