"""The routes of this API, in every version of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mutoscope.dialects.interactions.handlers import VENDOR, Interactions
from mutoscope.server.routing import route

if TYPE_CHECKING:
    from mutoscope.server.house import House


def routes(house: House) -> list[Route]:
    """/v1/interactions and /v1beta/interactions."""
    return below(house, "/{version}", VENDOR)


def below(house: House, place: str, vendor: str) -> list[Route]:
    """The routes below a place, under the contracts of a vendor."""
    those = Interactions(house, vendor)
    return [
        route(f"{place}/interactions", {"POST": those.create}),
        route(f"{place}/interactions/{{id}}", {"GET": those.get, "DELETE": those.delete}),
        route(f"{place}/interactions/{{id}}/cancel", {"POST": those.cancel}),
    ]
