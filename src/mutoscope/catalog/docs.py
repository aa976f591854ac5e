"""The tables of docs/contracts.md, made from the catalogue so that they cannot drift.

``python -m mutoscope.catalog.docs docs/contracts.md`` writes them between their marks;
with ``--check`` it only says, by its exit code, whether they are as they should be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from mutoscope import page_tables
from mutoscope.catalog.load import VENDORS, contracts, vendor
from mutoscope.catalog.model import Contract, Source
from mutoscope.catalog.prices import Price, prices
from mutoscope.catalog.rules import Range, Set
from mutoscope.shot import Role

MARKS = {
    "cap": "captured from the vendor's real client",
    "src": "read in the client's source",
    "spec": "the vendor's published specification",
    "doc": "the vendor's documentation",
    "2nd": "second-hand: plausible, not verified",
    "unverified": "not verified",
    "own": "this project's own engine",
}
ROLES = {
    Role.REFERENCE: "reference",
    Role.FIRST_FRAME: "first frame",
    Role.LAST_FRAME: "last frame",
    Role.FRAME: "at a frame",
    Role.SOURCE: "source clip",
}


def limits() -> str:
    """What each model name takes."""
    head = ("vendor and model", "seconds", "size", "pictures", "prompt", "retired")
    rows = [
        (
            f"`{one.name}`<br>{one.title}",
            f"{_seconds(one)}{_mark(one, 'seconds')}",
            f"{one.size.words()}{_mark(one, 'size')}" if one.size else "not known",
            f"{_pictures(one)}{_mark(one, 'roles')}",
            f"{one.prompt_limit:,}{' UTF-16' if one.prompt_unit == 'utf16' else ''}"
            if one.prompt_limit
            else "not known",
            f"{one.retires}{_mark(one, 'retires')}" if one.retires else "",
        )
        for one in contracts()
    ]
    return page_tables.table(head, rows)


def features() -> str:
    """What each model name can do beside the plain clip."""
    head = ("vendor and model", "kinds", "features", "input pictures", "typical wait")
    rows = [
        (
            f"`{one.name}`",
            ", ".join(one.kinds),
            ", ".join(sorted(word.replace("_", " ") for word in one.features)) or "none",
            _inputs(one),
            f"{one.minutes:g} min{_mark(one, 'minutes')}" if one.minutes else "",
        )
        for one in contracts()
    ]
    return page_tables.table(head, rows)


def price_table() -> str:
    """What each model name costs at its vendor."""
    head = ("vendor and model", "for", "price", "in a batch", "read on", "source")
    rows = []
    for name in VENDORS:
        listed = prices(name)
        for price in listed.prices if listed else ():
            as_of = listed.as_of if listed else ""
            batch = f"{price.batch:.2f}" if price.batch else ""
            rows.append(
                (f"`{name}/{price.model}`", _for(price), _price(price), batch, f"{as_of}",
                 _source(price.source))
            )  # fmt: skip
    return page_tables.table(head, rows)


def scores() -> str:
    """Published figures of quality."""
    head = ("vendor and model", "measure", "per cent", "source")
    rows = [
        (f"`{one.name}`", score.measure, f"{score.value:g}", _source(score.source))
        for one in contracts()
        for score in one.scores
    ]
    return page_tables.table(head, rows)


def sources() -> str:
    """Where every figure comes from."""
    rows = [
        (f"`{one.name}`", field.replace("_", " "), _source(source))
        for one in contracts()
        for field, source in one.sources.items()
    ]
    return page_tables.table(("vendor and model", "figure", "source"), rows)


def vendors() -> str:
    """The vendors, and the marks of the sources."""
    rows = [(f"`{name}`", vendor(name).title, f"{len(contracts(name))}") for name in VENDORS]
    return page_tables.table(("vendor", "what it is", "models"), rows)


def marks() -> str:
    """What the marks mean."""
    return page_tables.table(
        ("mark", "a figure so marked is"), [(f"[{m}]", words) for m, words in MARKS.items()]
    )


TABLES: dict[str, Callable[[], str]] = {
    "vendors": vendors,
    "marks": marks,
    "limits": limits,
    "features": features,
    "prices": price_table,
    "scores": scores,
    "sources": sources,
}


def main(arguments: list[str]) -> int:
    """Write or check the page; the exit code."""
    return page_tables.main(arguments, TABLES)


def _mark(one: Contract, field: str) -> str:
    mark = one.sources[field].mark
    return "" if mark == "own" else f" [{mark}]"


def _source(source: Source) -> str:
    return source.where if source.mark == "own" else f"[{source.mark}] {source.where}"


def _seconds(one: Contract) -> str:
    if isinstance(one.seconds, Set) and one.seconds.also:
        later = ", ".join(f"{value:g}" for value in one.seconds.also)
        return f"{Set(one.seconds.values).words()} (later {later})"
    return one.seconds.words()


def _pictures(one: Contract) -> str:
    roles = [
        f"{ROLES[role]}{f' × {count}' if count > 1 else ' (any number)' if count == 0 else ''}"
        for role, count in one.roles.items()
    ]
    total = one.images.words() if isinstance(one.images, Range) else ""
    return f"{total}: {', '.join(roles)}" if total else ", ".join(roles)


def _inputs(one: Contract) -> str:
    parts = [", ".join(kind.removeprefix("image/") for kind in one.inputs.types)]
    if one.inputs.max_bytes:
        parts.append(f"up to {one.inputs.max_bytes:,} bytes")
    if one.inputs.exact_size:
        parts.append("of exactly the clip's size")
    if not one.inputs.faces:
        parts.append("no human faces")
    if one.inputs.forms:
        parts.append(f"as {', '.join(form.replace('_', ' ') for form in one.inputs.forms)}")
    return "; ".join(parts) + _mark(one, "inputs")


def _for(price: Price) -> str:
    shorts = ["4k" if side == 2160 else f"{side}p" for side in price.short]
    frames = ", ".join((*price.sizes, *shorts))
    lengths = ", ".join(f"{value:g} s" for value in price.seconds)
    account = f"account “{price.account}”" if price.account else ""
    return "; ".join(part for part in (frames, lengths, account) if part) or "all"


def _price(price: Price) -> str:
    unit = "credits" if price.unit == "credit" else "USD"
    amount = f"{price.amount:g}" if price.unit == "credit" else f"{price.amount:.2f}"
    return f"{amount} {unit} a {price.per}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
