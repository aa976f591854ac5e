"""Whether an engine may have a shot: the vendor's contract first, then the engine's own.

The name that a caller wrote may be a vendor's, "sora-2", whose contract holds as `compat` says. The
engine that films it has limits of its own, and these hold always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mutoscope.catalog.check import check
from mutoscope.catalog.model import Contract
from mutoscope.catalog.rules import listed
from mutoscope.errors import ContractRefused
from mutoscope.jobs.job import Notice
from mutoscope.shot import Kind, Shot
from mutoscope.steps import pictures

if TYPE_CHECKING:
    from mutoscope.engines.registry import Engines


def admitted(
    shot: Shot, engine: str, engines: Engines, compat: str | None = None
) -> tuple[Notice, ...]:
    """What the contracts have to say of a shot that they let pass. Raises ContractRefused, also where
    the shot has characters and the engine can take none."""
    if shot.cast and not engines.casts(engine, model=shot.model):
        raise _no_characters(f"{engine} takes no characters", engines)
    vendor, own = engines.contract(shot.model), engines.own(engine, shot.model)
    once = replace(shot, takes=1)  # for an engine each take is an order of its own
    of_vendor = checked(once if vendor is not None and vendor.native else shot, (vendor,), compat)
    return tuple(dict.fromkeys((*of_vendor, *checked(once, (own,), compat))))


def films(shot: Shot, contract: Contract | None) -> bool:
    """Whether an engine films the shot as far as its pictures go: some need one. One that nobody has a
    contract of is believed to."""
    if pictures(shot) or shot.kind is not Kind.CREATE:
        return True
    if contract is None or contract.images is None or contract.images.allows(0):
        return True
    return bool(shot.cast) and "cast_alone" in contract.features


def castable(described: Mapping[str, str], engine: str, engines: Engines) -> None:
    """Refuse a cast (description by name) that the engine could only be given in words, where there are
    none. Raises ContractRefused."""
    mute = [name for name, words in described.items() if not words.strip()]
    if mute and not engines.casts(engine, described=False):
        raise _no_characters(
            f"{engine} takes characters as words alone, and {listed(mute, 'and')} "
            f"{'has' if len(mute) == 1 else 'have'} no description",
            engines,
            "give it one, or ",
        )


def _no_characters(why: str, engines: Engines, first: str = "") -> ContractRefused:
    able = [
        name
        for name in engines.names()
        if engines.ready(name) and engines.casts(name, described=False)
    ]
    mend = f"{first}ask {listed(able)} for it" if able else "no engine of this server takes them"
    return ContractRefused(f"{why}: {mend}", field="cast", code="not_supported", hint=mend)


def checked(
    shot: Shot, contracts: Iterable[Contract | None], compat: str | None = None
) -> tuple[Notice, ...]:
    """The same for contracts at hand: the vendor's before the engine's, None where there is none."""
    said: dict[str, Notice] = {}
    for contract in {one.name: one for one in contracts if one is not None}.values():
        for limit in check(shot, contract, compat):
            notice = Notice(code=limit.code, message=limit.message, field=limit.field)
            said.setdefault(limit.message, notice)
    return tuple(said.values())
