"""The routes of this dialect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.dialects.luma import account
from mutoscope.dialects.luma.generations import Generations

if TYPE_CHECKING:
    from mutoscope.server.house import House

Handler = Callable[[Request], Awaitable[Response]]
BASE = "/dream-machine/v1"


def routes(house: House) -> list[Route]:
    """Everything under /dream-machine/v1; words that stand where an id would come first."""
    made = Generations(house)
    table: list[tuple[str, dict[str, Handler]]] = [
        ("/generations", {"GET": made.list, "POST": made.create}),
        ("/generations/video", {"POST": made.create}),
        ("/generations/video/modify", {"POST": made.modify}),
        ("/generations/video/reframe", {"POST": made.reframe}),
        ("/generations/image", {"POST": account.images}),
        ("/generations/image/reframe", {"POST": account.images}),
        ("/generations/concepts/list", {"GET": account.listed}),
        ("/generations/{video_id}", {"GET": made.get, "DELETE": made.delete}),
        ("/generations/{video_id}/upscale", {"POST": made.upscale}),
        ("/generations/{video_id}/audio", {"POST": made.audio}),
        ("/credits", {"GET": account.credits}),
        ("/ping", {"GET": account.ping}),
    ]
    return [route(BASE + path, handlers) for path, handlers in table]


def route(path: str, handlers: dict[str, Handler]) -> Route:
    """One route a path, so that another method is a 405 that lists them all. HEAD is answered as GET."""

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return Route(path, handle, methods=list(handlers))
