"""The names of models that lead to an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mutoscope.catalog import load
from mutoscope.errors import MutoscopeError

if TYPE_CHECKING:
    from mutoscope.server.house import House


class Named(NamedTuple):
    name: str
    title: str
    engine: str


def named(house: House, vendor: str) -> list[Named]:
    """Every name that leads to an engine that was ready when it was last looked at: the vendor's in the catalogue's order, then the settings' and
    the engines' own."""
    titles = {name: one.title for one in load.contracts(vendor) for name in one.names}
    for name in (*house.settings.routes.models, *house.engines.names()):
        titles.setdefault(name, name)
    for account in house.settings.engines.values():
        titles |= {name: name for name in account.models if name not in titles}
    found = []
    for name, title in titles.items():
        try:
            engine = house.engines.named(name)
        except MutoscopeError:
            continue
        if house.engines.ready(engine):
            found.append(Named(name, title, engine))
    return found
