"""The engines that the command line and the library film with: those of this machine, by the same settings
that its server goes by."""

from __future__ import annotations

import inspect
from contextlib import suppress

from mutoscope.catalog.model import Contract
from mutoscope.catalog.rules import listed
from mutoscope.engines import find
from mutoscope.engines.base import Configured, Engine
from mutoscope.errors import BadShot


def engine(name: str) -> Engine:
    """The engine of that name: one that is installed, or `[engines.NAME]` in the settings where that films
    here. Raises BadShot, Missing, BadSetting."""
    if name == "flipbook":  # it has no settings: none are read for it
        return find.engine(name)
    from mutoscope.configure import load

    settings, _ = load()
    account = settings.engines.get(name)
    made: Engine = find.engine(name) if account is None else find.maker(account.kind)(name, account)
    if inspect.iscoroutinefunction(made.start):
        known = sorted(account.models) if account is not None else []
        raise BadShot(
            f"{name} is an engine elsewhere, which a server films with: start one with mutoscope serve, and "
            f"ask it for the model {listed(known or [name])}",
            field="engine",
        )
    return made.under(settings) if isinstance(made, Configured) else made


def limits(name: str) -> Contract | None:
    """What the engine takes: by the catalogue, or as it says itself; None where nobody says, or there is no
    such engine, which whoever films with it is told."""
    if (known := find.contract(name)) is not None:
        return known
    with suppress(BadShot):
        said = getattr(engine(name), "contract", None)
        return said if isinstance(said, Contract) else None
    return None
