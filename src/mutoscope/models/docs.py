"""The tables of docs/models.md, made from the catalogue so that they cannot drift.

``python -m mutoscope.models.docs docs/models.md`` writes them between their marks;
with ``--check`` it only says, by its exit code, whether they are as they should be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from mutoscope import page_tables
from mutoscope.catalog.checkpoint import Checkpoint, Licence
from mutoscope.catalog.model import Contract
from mutoscope.models import pieces, told
from mutoscope.models.amounts import amount


def models() -> str:
    """What each model is, takes and makes."""
    rows = [
        (
            f"`{one.model}`<br>{one.title}",
            told.takes(kept),
            told.frames(kept),
            _sizes(kept),
            f"as `{kept.weights}`" if kept.weights else _amount(kept.bytes),
        )
        for one, kept in _every()
    ]
    return page_tables.table(
        ("model", "films from", "frames at once", "frame size", "download"), rows
    )


def memory() -> str:
    """What each needs of a GPU's memory and of the machine's."""
    rows = [
        (
            f"`{one.model}`",
            amount(kept.memory.whole),
            amount(kept.memory.model),
            amount(kept.memory.layers),
            amount(kept.memory.main),
            kept.memory.source,
        )
        for one, kept in _every()
    ]
    head = (
        "model",
        "all on it",
        "a part at a time",
        "a layer at a time",
        "the machine's",
        "source",
    )
    return page_tables.table(head, rows)


def tiers() -> str:
    """How each quality is made."""
    rows = [
        (f"`{one.model}`", *(told.tier(kept.tiers[name]) if name in kept.tiers else "" for name in QUALITIES))
        for one, kept in _every()
    ]  # fmt: skip
    return page_tables.table(("model", *QUALITIES), rows)


def licences() -> str:
    """Each model's and each LoRA's licence, and what it asks for."""
    rows = []
    for one, kept in _every():
        rows.append(_licence(f"`{one.model}`", kept.licence))
        rows += [
            _licence(f"`{one.model}`, LoRA `{called}`", laid.licence)
            for called, laid in kept.loras.items()
        ]
    head = ("model", "licence", "consent needed", "what it asks for", "as read in")
    return page_tables.table(head, rows)


def repositories() -> str:
    """Where the weights come from."""
    rows = []
    for one, kept in _every():
        rows.append((f"`{one.model}`", f"`{kept.repository}`", _revision(kept.revision)))
        rows += [
            (f"`{one.model}`, LoRA `{called}`", f"`{laid.repository}`", _revision(laid.revision))
            for called, laid in kept.loras.items()
        ]
    return page_tables.table(("model", "repository", "revision"), rows)


QUALITIES = ("draft", "standard", "best")
TABLES: dict[str, Callable[[], str]] = {
    "models": models,
    "memory": memory,
    "tiers": tiers,
    "licences": licences,
    "repositories": repositories,
}


def main(arguments: list[str]) -> int:
    """Write or check the page; the exit code."""
    return page_tables.main(arguments, TABLES)


def _every() -> Iterator[tuple[Contract, Checkpoint]]:
    for one in pieces.models():
        if one.checkpoint is not None:
            yield one, one.checkpoint


def _licence(name: str, licence: Licence) -> tuple[str, ...]:
    named = f"[{licence.name}]({licence.page})" if licence.page else licence.name
    consent = "yes" if licence.consent else "no"
    return name, named, consent, " ".join(told.demands(licence)), licence.source


def _sizes(kept: Checkpoint) -> str:
    return f"{kept.area / 1e6:.2f} million pixels" + (
        f", best {', '.join(kept.shapes)}" if kept.shapes else ""
    )


def _amount(length: int) -> str:
    return amount(length) if length else "not known"


def _revision(revision: str) -> str:
    return revision[:12] if len(revision) == 40 else revision


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
