"""GET publishers/{publisher}/models: the names that a request can have in its path here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.gemini.paging import paging
from mutoscope.dialects.google.models import named
from mutoscope.dialects.shared.answers import answer
from mutoscope.dialects.vertex.asking import VENDOR
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST, USUAL = 1000, 100


def _all(house: House, publisher: str) -> list[dict[str, Any]]:
    """Every name that leads to an engine, whoever the publisher is."""
    return [
        {
            "name": f"publishers/{publisher}/models/{one.name}",
            "versionId": "001",
            "displayName": one.title,
            "description": f"Filmed by {one.engine} on this server.",
        }
        for one in named(house, VENDOR)
    ]


class Models:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def list(self, request: Request) -> Response:
        size, token = paging(request, MOST, USUAL)
        await self.house.engines.look()
        found = _all(self.house, request.path_params["publisher"])
        names = [one["name"].rpartition("/")[2] for one in found]
        start = names.index(token) + 1 if token in names else 0
        page = found[start : start + size]
        more = {"nextPageToken": names[start + size - 1]} if start + size < len(found) else {}
        return answer({"publisherModels": page} | more)

    async def get(self, request: Request) -> Response:
        name = (
            f"publishers/{request.path_params['publisher']}/models/{request.path_params['model']}"
        )
        await self.house.engines.look()
        for model in _all(self.house, request.path_params["publisher"]):
            if model["name"] == name:
                return answer(model)
        raise Refusal(
            f"Publisher Model `{name[:300]}` was not found.",
            status=404,
            param="model",
            code="not_found",
            hint="GET of publishers/google/models lists those that are known here",
        )
