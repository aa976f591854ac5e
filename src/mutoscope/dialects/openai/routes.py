"""The routes of this dialect. Fixed words stand before `{video_id}`, which would take them too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.dialects.openai.batches import Batches
from mutoscope.dialects.openai.known import Known
from mutoscope.dialects.openai.models import Models
from mutoscope.dialects.openai.uploads import Uploads
from mutoscope.dialects.openai.videos import Videos

if TYPE_CHECKING:
    from mutoscope.server.house import House

Handler = Callable[[Request], Awaitable[Response]]


def routes(house: House) -> list[Route]:
    """Everything under /v1 but characters, events and webhooks, which have rooms of their own."""
    videos, files, batches = Videos(house), Uploads(house), Batches(house)
    models, known = Models(house), Known(house)
    table: list[tuple[str, dict[str, Handler]]] = [
        ("/v1/videos", {"GET": videos.list, "POST": videos.create}),
        ("/v1/videos/edits", {"POST": videos.edit}),
        ("/v1/videos/extensions", {"POST": videos.extend}),
        ("/v1/videos/{video_id}/remix", {"POST": videos.remix}),
        ("/v1/videos/{video_id}/content", {"GET": videos.content}),
        ("/v1/videos/{video_id}", {"GET": videos.retrieve, "DELETE": videos.delete}),
        ("/v1/files", {"GET": files.list, "POST": files.create}),
        ("/v1/files/{file_id}/content", {"GET": files.content}),
        ("/v1/files/{file_id}", {"GET": files.retrieve, "DELETE": files.delete}),
        ("/v1/batches", {"GET": batches.list, "POST": batches.create}),
        ("/v1/batches/{batch_id}/cancel", {"POST": batches.cancel}),
        ("/v1/batches/{batch_id}", {"GET": batches.retrieve}),
        ("/v1/models", {"GET": models.list}),
        ("/v1/models/{model:path}", {"GET": models.retrieve}),
        ("/mutoscope/jobs/{job_id}", {"GET": known.retrieve}),
    ]
    return [_route(path, handlers) for path, handlers in table]


def _route(path: str, handlers: dict[str, Handler]) -> Route:
    """One route a path, so that another method is a 405 that lists them all. HEAD is answered as GET."""

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return Route(path, handle, methods=list(handlers))
