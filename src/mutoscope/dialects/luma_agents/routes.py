"""The routes of this dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mutoscope.dialects.luma.routes import Handler, route
from mutoscope.dialects.luma_agents.files import FilesHandlers
from mutoscope.dialects.luma_agents.generations import Generations

if TYPE_CHECKING:
    from mutoscope.server.house import House


def routes(house: House) -> list[Route]:
    """Everything under /v1."""
    made, files = Generations(house), FilesHandlers(house)
    table: list[tuple[str, dict[str, Handler]]] = [
        ("/v1/generations/{video_id}", {"GET": made.get}),
        ("/v1/generations", {"POST": made.create}),
        ("/v1/files", {"GET": files.list, "POST": files.create}),
        ("/v1/files/{file_id}/bytes/{token}", {"PUT": files.receive}),
        ("/v1/files/{file_id}/complete", {"POST": files.complete}),
        ("/v1/files/{file_id}", {"GET": files.get, "DELETE": files.delete}),
    ]
    return [route(path, handlers) for path, handlers in table]
