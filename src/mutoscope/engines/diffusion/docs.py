"""The tables of docs/gpu.md, made from the contracts so that they cannot drift.

``python -m mutoscope.engines.diffusion.docs docs/gpu.md`` writes them between their marks;
with ``--check`` it only says, by its exit code, whether they are as they should be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from mutoscope import page_tables
from mutoscope.catalog.checkpoint import Checkpoint, Memory, Tier
from mutoscope.catalog.load import contracts
from mutoscope.catalog.model import Contract
from mutoscope.shot import Kind, Role

GB = 10**9
#: Usual cards by their memory, in gigabytes.
CARDS = (12, 16, 24, 32, 48, 80, 141)
#: Of a card's memory: what CUDA itself takes, and the share that is left free, as in `placing`.
CONTEXT, SPARE = 0.84 * GB, 0.04
FIRST = "wan"
QUALITIES = ("draft", "standard", "best")
KINDS = {Kind.EXTEND: "extend", Kind.EDIT: "edit", Kind.REMIX: "remix", Kind.REFRAME: "reframe"}
BESIDE = {
    "loop": "loop",
    "strength": "strength",
    "negative_prompt": "negative prompt",
    "regions": "regions",
}


def given() -> str:
    """What each model can be given, and what it makes of it."""
    head = (
        "engine", "words alone", "first frame", "last frame", "at any frame", "references",
        "a film", "own sound", "beside",
    )  # fmt: skip
    rows = [
        (
            f"`{one.model}`",
            _yes(one.images is None or one.images.allows(0)) if Kind.CREATE in one.kinds else "",
            _yes(Role.FIRST_FRAME in one.roles),
            _yes(Role.LAST_FRAME in one.roles),
            _yes(Role.FRAME in one.roles),
            f"up to {_references(one)}" if "references" in kept.conditions else "",
            ", ".join(name for kind, name in KINDS.items() if kind in one.kinds),
            _yes(kept.sound),
            ", ".join(name for feature, name in BESIDE.items() if feature in one.features),
        )
        for one, kept in every()
    ]
    return page_tables.table(head, rows)


def lengths() -> str:
    """How long, how large and at which rate each model films."""
    rows = [
        (
            f"`{one.model}`",
            f"{kept.frames.high / kept.fps:.1f} s",
            f"{one.seconds.words()} s",
            f"{kept.fps:g}",
            ", ".join(kept.shapes) or f"any shape of {kept.area / 1e6:.2f} megapixels",
        )
        for one, kept in every()
    ]
    head = ("engine", "at once", "in all", "frames a second", "makes best")
    return page_tables.table(head, rows)


def memory() -> str:
    """How each model fits on usual cards."""
    head = ("engine", *(f"{card} GB" for card in CARDS), "main memory")
    rows = [
        (
            f"`{one.model}`",
            *(fits(kept.memory, card * GB) for card in CARDS),
            f"{kept.memory.main / GB:.0f} GB",
        )
        for one, kept in every()
    ]
    return page_tables.table(head, rows)


def tiers() -> str:
    """How each quality is made."""
    rows = [
        (
            f"`{one.model}`",
            *(_tier(kept.tiers[name]) if name in kept.tiers else "" for name in QUALITIES),
        )
        for one, kept in every()
    ]  # fmt: skip
    return page_tables.table(("engine", *QUALITIES), rows)


def licences() -> str:
    """What each licence asks for, in short."""
    rows = []
    for one, kept in every():
        licence = kept.licence
        asks = ["consent"] if licence.consent else []
        asks += (
            [f"not in {', '.join(licence.regions_excluded)}"] if licence.regions_excluded else []
        )
        asks += ["a mark on every film"] if licence.mark else []
        name = f"[{licence.name}]({licence.page})" if licence.page else licence.name
        rows.append((f"`{one.model}`", name, "; ".join(asks)))
    return page_tables.table(("engine", "licence of the weights", "asks for"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "given": given,
    "lengths": lengths,
    "memory": memory,
    "tiers": tiers,
    "licences": licences,
}


def main(arguments: list[str]) -> int:
    """Write or check the page; the exit code."""
    return page_tables.main(arguments, TABLES)


def every() -> Iterator[tuple[Contract, Checkpoint]]:
    """The models with their checkpoints: the free licences first, and of these the default's family."""
    found = [(one, one.checkpoint) for one in contracts("diffusion") if one.checkpoint is not None]
    yield from sorted(found, key=lambda pair: (pair[1].licence.consent, _turn(pair[1].family)))


def _turn(family: str) -> tuple[bool, str]:
    return not family.startswith(FIRST), family


def fits(memory: Memory, card: float) -> str:
    """How a model of such needs is put on a card of so many bytes."""
    room = card * (1 - SPARE) - CONTEXT
    ways = {"whole": memory.whole, "by part": memory.model, "by layer": memory.layers}
    return next((way for way, needs in ways.items() if 0 < needs <= room), "")


def _references(one: Contract) -> int:
    return max(one.roles.get(Role.REFERENCE, 0), one.cast)


def _tier(tier: Tier) -> str:
    said = [f"{tier.steps} steps"]
    said += [f"LoRA {tier.lora}"] if tier.lora else []
    said += [f"up to {tier.area / 1e6:.2f} megapixels"] if tier.area else []
    said += [f"cache {tier.cache}"] if tier.cache else []
    return ", ".join(said)


def _yes(can: bool) -> str:
    return "yes" if can else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
