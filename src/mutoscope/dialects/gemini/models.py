"""GET models: the names that a request can have in its path here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.gemini.asking import VENDOR
from mutoscope.dialects.gemini.paging import paging
from mutoscope.dialects.google.models import named
from mutoscope.dialects.shared.answers import answer
from mutoscope.errors import MutoscopeError
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 1000, 50
METHODS = ("predictLongRunning",)


def models(house: House) -> list[dict[str, Any]]:
    """Every name that leads to an engine."""
    return [
        {
            "name": f"models/{one.name}",
            "version": "001",
            "displayName": one.title,
            "description": f"Filmed by {one.engine} on this server.",
            "supportedGenerationMethods": METHODS,
        }
        for one in named(house, VENDOR)
    ]


class Models:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def list(self, request: Request) -> Response:
        size, token = paging(request, MOST_LISTED, USUALLY_LISTED)
        await self.house.engines.look()
        found = models(self.house)
        names = [one["name"].partition("/")[2] for one in found]
        start = names.index(token) + 1 if token in names else 0
        page = found[start : start + size]
        more = start + size < len(found)
        next_page = {"nextPageToken": page[-1]["name"].partition("/")[2]} if more and page else {}
        return answer({"models": page} | next_page)

    async def retrieve(self, request: Request) -> Response:
        name = request.path_params["model"]
        await self.house.engines.look()
        for model in models(self.house):
            if model["name"] == f"models/{name}":
                return answer(model)
        raise unknown(name, request.path_params["version"])

    async def other(self, request: Request) -> Response:
        """Whatever else a program may want of a model: this server makes films."""
        name, _, method = request.path_params["model"].rpartition(":")
        raise unknown(name or method, request.path_params["version"], method=method)


def unknown(
    model: str, version: str, error: MutoscopeError | None = None, *, method: str = METHODS[0]
) -> Refusal:
    """The service's own words for a name that it does not know, or one that does not do what is asked."""
    return Refusal(
        f"models/{model[:80]} is not found for API version {version}, or is not supported for "
        f"{method[:80]}. Call ListModels to see the list of available models and their supported "
        "methods.",
        status=404,
        param="model",
        code="model_not_found",
        hint=(error.hint or error.message) if error is not None else "",
    )
