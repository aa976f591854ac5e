"""The routes of this dialect; every path is the same under v1, v1beta and v1alpha."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.dialects.gemini.files import Stored
from mutoscope.dialects.gemini.models import Models
from mutoscope.dialects.gemini.operations import Operations
from mutoscope.dialects.gemini.uploads import Uploads
from mutoscope.server.routing import Handler, route

if TYPE_CHECKING:
    from mutoscope.server.house import House

VERSIONS = ("v1beta", "v1", "v1alpha")


def routes(house: House) -> list[Route]:
    """What is polled all day comes first, and what could be taken for another last."""
    operations, files = Operations(house), Stored(house)
    models, uploads = Models(house), Uploads(house)
    one = {"GET": operations.get, "DELETE": operations.delete}
    table: list[tuple[str, Mapping[str, Handler]]] = [
        ("models/{model:path}/operations/{operation}:cancel", {"POST": operations.cancel}),
        ("models/{model:path}/operations/{operation}", one),
        ("models/{model:path}:predictLongRunning", {"POST": operations.create}),
        ("operations/{operation}:cancel", {"POST": operations.cancel}),
        ("operations/{operation}", one),
        ("models/{model:path}/operations", {"GET": operations.listed}),
        ("operations", {"GET": operations.listed}),
        ("files", {"GET": files.list}),
        ("files:register", {"POST": files.register}),
        ("files/{file:path}", {"GET": files.get, "DELETE": files.delete}),
        ("models", {"GET": models.list}),
        ("models/{model:path}", {"GET": models.retrieve, "POST": models.other}),
    ]
    return [
        *(
            _under(version, f"/{version}/{path}", handlers)
            for path, handlers in table
            for version in VERSIONS
        ),
        *(
            _under(version, f"/upload/{version}/files{rest}", {"POST": handler})
            for rest, handler in (("", uploads.create), ("/{upload}", uploads.go_on))
            for version in VERSIONS
        ),
    ]


def _under(version: str, path: str, handlers: Mapping[str, Handler]) -> Route:
    """A route whose handlers find the version among the parameters of their path."""

    def named(handler: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            request.path_params["version"] = version
            return await handler(request)

        return handle

    return route(path, {method: named(handler) for method, handler in handlers.items()})
