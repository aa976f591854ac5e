"""The routes of this dialect. What is polled all day comes first."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, request_response
from starlette.types import Receive, Scope, Send

from mutoscope.dialects.openai.batches import Batches
from mutoscope.dialects.openai.models import Models
from mutoscope.dialects.openai.polling import Retrieve
from mutoscope.dialects.openai.uploads import Uploads
from mutoscope.dialects.openai.videos import Videos
from mutoscope.dialects.shared.answers import Signer

if TYPE_CHECKING:
    from mutoscope.server.house import House

Handler = Callable[[Request], Awaitable[Response]]

#: Words that stand where a video's id would, and are paths of their own.
WORDS = ("characters", "edits", "extensions")
_ID = rf"(?!(?:{'|'.join(WORDS)})(?:/|$))[^/]+"


def routes(
    house: House, videos: Videos | None = None, signer: Callable[[Scope], Signer] | None = None
) -> list[Route]:
    """Everything under /v1 but characters, events and webhooks, which have rooms of their own. `videos`
    and `signer`: how another service that speaks this dialect makes videos, and signs their links."""
    videos = videos or Videos(house)
    files, batches, models = Uploads(house), Batches(house), Models(house, videos.vendor)
    table: list[tuple[str, dict[str, Handler]]] = [
        ("/v1/videos", {"GET": videos.list, "POST": videos.create}),
        ("/v1/videos/{video_id}/content", {"GET": videos.content}),
        ("/v1/videos/{video_id}/remix", {"POST": videos.remix}),
        ("/v1/videos/edits", {"POST": videos.edit}),
        ("/v1/videos/extensions", {"POST": videos.extend}),
        ("/v1/files", {"GET": files.list, "POST": files.create}),
        ("/v1/files/{file_id}/content", {"GET": files.content}),
        ("/v1/files/{file_id}", {"GET": files.retrieve, "DELETE": files.delete}),
        ("/v1/batches", {"GET": batches.list, "POST": batches.create}),
        ("/v1/batches/{batch_id}/cancel", {"POST": batches.cancel}),
        ("/v1/batches/{batch_id}", {"GET": batches.retrieve}),
        ("/v1/models", {"GET": models.list}),
        ("/v1/models/{model:path}", {"GET": models.retrieve}),
    ]
    one = Retrieve(house, _Only({"DELETE": videos.delete}, "GET, HEAD, DELETE"), signer)
    return [Path("/v1/videos/{video_id}", one), *(_route(*row) for row in table)]


class Path(Route):
    """A route whose `{video_id}` leaves the WORDS alone."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        pattern = self.path_regex.pattern.replace("(?P<video_id>[^/]+)", f"(?P<video_id>{_ID})")
        self.path_regex = re.compile(pattern)


class _Only:
    """Handlers by method; any other method is a 405."""

    def __init__(self, handlers: dict[str, Handler], allowed: str) -> None:
        self.handlers = {name: request_response(handler) for name, handler in handlers.items()}
        self.allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self.handlers.get(scope["method"])
        if handler is None:
            raise HTTPException(405, headers={"Allow": self.allowed})
        await handler(scope, receive, send)


def _route(path: str, handlers: dict[str, Handler]) -> Route:
    """One route a path, so that another method is a 405 that lists them all. HEAD is answered as GET."""

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return Path(path, handle, methods=list(handlers))
