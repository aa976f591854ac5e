"""The routes of this service: with a project or without (express mode), with a version or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mutoscope.dialects.interactions.routes import below
from mutoscope.dialects.vertex.asking import VENDOR
from mutoscope.dialects.vertex.models import Models
from mutoscope.dialects.vertex.operations import Operations
from mutoscope.server.routing import route

if TYPE_CHECKING:
    from mutoscope.server.house import House

PROJECT = "/projects/{project}/locations/{location}"
MODELS = "/publishers/{publisher}/models"


def routes(house: House) -> list[Route]:
    """Everything of this dialect."""
    those, names = Operations(house), Models(house)
    found: list[Route] = []
    for version in ("/{version}", ""):
        for place in (PROJECT, ""):
            models = f"{version}{place}{MODELS}"
            model = f"{models}/{{model}}"
            found += [
                route(f"{model}:predictLongRunning", {"POST": those.create}),
                route(f"{model}:fetchPredictOperation", {"POST": those.fetch}),
                route(f"{model}/operations/{{operation}}:cancel", {"POST": those.cancel}),
                route(f"{model}/operations/{{operation}}", {"GET": those.get}),
                route(f"{model}/operations", {"GET": those.listed}),
                route(models, {"GET": names.list}),
                route(model, {"GET": names.get}),
            ]
        found.append(route(f"{version}{PROJECT}/operations", {"GET": those.listed}))
        found += below(house, f"{version}{PROJECT}", VENDOR)
    return found
