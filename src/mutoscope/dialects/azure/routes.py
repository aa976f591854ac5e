"""The routes, under /openai/v1 and, as dated versions have them, under /openai and below a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mutoscope.dialects.azure.jobs import VideoJobs
from mutoscope.dialects.azure.versions import Versioned
from mutoscope.dialects.azure.videos import AzureVideos
from mutoscope.dialects.openai import characters
from mutoscope.dialects.openai import routes as openai
from mutoscope.server.routing import route

if TYPE_CHECKING:
    from mutoscope.server.house import House

ROOTS = ("/openai/v1", "/openai", "/openai/deployments/{deployment}")
JOBS, GENERATIONS = "/v1/video/generations/jobs", "/v1/video/generations/{generation_id}"


def routes(house: House) -> list[Route]:
    """The jobs', and all of the OpenAI dialect's but webhooks."""
    videos, jobs = AzureVideos(house), VideoJobs(house)
    own = [
        route(JOBS, {"GET": jobs.list, "POST": jobs.create}),
        route(f"{JOBS}/{{job_id}}", {"GET": jobs.get, "DELETE": jobs.delete}),
        route(GENERATIONS, {"GET": jobs.generation}),
        route(f"{GENERATIONS}/content/video", {"GET": jobs.video}),
        route(f"{GENERATIONS}/content/thumbnail", {"GET": jobs.thumbnail}),
    ]
    shared = [*characters.routes(house), *openai.routes(house, videos, videos.signed)]
    return [moved(one, root) for root in ROOTS for one in (*own, *shared)]


def moved(one: Route, root: str) -> Route:
    """The route under another root than /v1, for requests that name a version of the service's."""
    path = root + one.path.removeprefix("/v1")
    made = type(one)(path, one.endpoint, methods=list(one.methods) if one.methods else None)
    made.app = Versioned(made.app)
    return made
