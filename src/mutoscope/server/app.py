"""The server as a value: routes from every room, and the one layer around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from mutoscope.server import health
from mutoscope.server.auth import Door
from mutoscope.server.front import Front
from mutoscope.server.table import Table

if TYPE_CHECKING:
    from mutoscope.server.house import House
    from mutoscope.server.logs import Lines

#: Where routes come from, in the order they are tried: each has `routes(house) -> list[Route]`.
ROOMS = (
    "mutoscope.dialects.openai.routes",  # first, for it has what is polled all day
    "mutoscope.dialects.openai.characters",
    "mutoscope.server.events",
    "mutoscope.server.webhook_log",
    "mutoscope.dialects.openai.webhooks",
)


def build(
    house: House,
    checks: Mapping[str, health.Check] | None = None,
    *,
    rooms: Iterable[str] = ROOMS,
    more: Iterable[BaseRoute] = (),
    lines: Lines | None = None,
) -> ASGIApp:
    """The application. `checks` are more of what `/readyz` asks: the worker, the processes; `lines` is
    the log that requests are written to."""
    found: list[BaseRoute] = [*health.routes(house, checks), *more]
    for room in rooms:
        found += _routes(room)(house)
    door = Door(house.settings, house.keys, house.links)
    return Front(Table(found), door, house.metrics, house.intake, lines)


def _routes(room: str) -> Callable[[House], list[Any]]:
    """A room's `routes`, imported when the application is built."""
    found: Callable[[House], list[Any]] = import_module(room).routes
    return found
