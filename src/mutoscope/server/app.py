"""The server as a value: routes from every room, and the one layer around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from mutoscope.dialects.all import chosen
from mutoscope.server import health
from mutoscope.server.auth import Door
from mutoscope.server.front import Front
from mutoscope.server.switch import Switch
from mutoscope.server.table import Table

if TYPE_CHECKING:
    from mutoscope.dialects.dialect import Dialect
    from mutoscope.server.house import House
    from mutoscope.server.logs import Lines

#: The house's own routes, whatever dialects it speaks: each has `routes(house) -> list[Route]`.
ROOMS = (
    "mutoscope.server.known",
    "mutoscope.server.webhook_log",
    "mutoscope.dialects.native.characters",
)


def build(
    house: House,
    checks: Mapping[str, health.Check] | None = None,
    *,
    rooms: Iterable[str] = ROOMS,
    dialects: Iterable[Dialect] | None = None,
    more: Iterable[BaseRoute] = (),
    lines: Lines | None = None,
) -> ASGIApp:
    """The application. `dialects` are those of the settings where none are given. `checks` are more of what `/readyz` asks: the worker, the processes; `lines` is
    the log that requests are written to."""
    own: list[BaseRoute] = [*health.routes(house, checks), *more]
    for room in rooms:
        own += _routes(room)(house)
    spoken = chosen(house.settings.server.dialects) if dialects is None else tuple(dialects)
    places = [
        (one, Table([route for room in one.routes for route in _routes(room)(house)]))
        for one in spoken
    ]
    door = Door(house.settings, house.keys, house.links)
    return Front(Switch(Table(own), places), door, house.metrics, house.intake, lines)


def _routes(room: str) -> Callable[[House], list[Any]]:
    """A room's `routes`, imported when the application is built."""
    found: Callable[[House], list[Any]] = import_module(room).routes
    return found
