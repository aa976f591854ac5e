"""The server as a value: routes from every room, and the one layer around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mutoscope.server import health
from mutoscope.server.auth import Door
from mutoscope.server.front import Front

if TYPE_CHECKING:
    from mutoscope.server.house import House

#: Where routes come from, in the order they are tried: each has `routes(house) -> list[Route]`.
ROOMS = (
    "mutoscope.dialects.openai.characters",
    "mutoscope.server.events",
    "mutoscope.server.webhook_log",
    "mutoscope.dialects.openai.webhooks",
    "mutoscope.dialects.openai.routes",
)


def build(
    house: House,
    checks: Mapping[str, health.Check] | None = None,
    rooms: Iterable[str] = ROOMS,
) -> Starlette:
    """The application. `checks` are more of what `/readyz` asks: the worker, the processes."""
    found: list[BaseRoute] = list(health.routes(house, checks))
    for room in rooms:
        if find_spec(room) is not None:
            found += _routes(room)(house)
    app = Starlette(
        routes=found,
        middleware=[
            Middleware(
                Front,
                door=Door(house.settings, house.keys, house.links),
                metrics=house.metrics,
                intake=house.intake,
            )
        ],
        exception_handlers={HTTPException: _on},
    )
    app.router.redirect_slashes = False  # a redirected POST loses its body
    app.state.house = house
    return app


def _routes(room: str) -> Callable[[House], list[Any]]:
    """A room's `routes`, imported when the application is built."""
    found: Callable[[House], list[Any]] = import_module(room).routes
    return found


async def _on(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such path, no such method) go on to the front, as all others do."""
    raise error
