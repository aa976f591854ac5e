"""The routes of this dialect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.dialects.runway.asking import READERS
from mutoscope.dialects.runway.handling import versioned
from mutoscope.dialects.runway.organization import Organization
from mutoscope.dialects.runway.refused import REFUSED
from mutoscope.dialects.runway.routed import NAMES, generate_video, generated
from mutoscope.dialects.runway.tasks import Tasks
from mutoscope.dialects.runway.uploads import Uploads
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

Handler = Callable[[Request], Awaitable[Response]]


def routes(house: House) -> list[Route]:
    """Everything under /v1 that is Runway's."""
    tasks, uploads, organization = Tasks(house), Uploads(house), Organization(house)
    table: list[tuple[str, dict[str, Handler]]] = [
        ("/v1/tasks/{id}", {"GET": tasks.retrieve, "DELETE": tasks.delete}),
        *((f"/v1/{path}", {"POST": tasks.creates(read)}) for path, read in READERS.items()),
        ("/v1/generate/video", {"POST": tasks.creates(generate_video, NAMES, generated)}),
        ("/v1/uploads", {"POST": uploads.create}),
        ("/v1/uploads/{project}/{file}", {"POST": uploads.receive}),
        ("/v1/organization", {"GET": organization.retrieve}),
        ("/v1/organization/usage", {"POST": organization.usage}),
    ]
    return [*(_route(*row) for row in table), *_refusals()]


def _route(path: str, handlers: dict[str, Handler]) -> Route:
    """One route a path, so that another method is a 405 that lists them all."""

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return Route(path, handle, methods=list(handlers))


def _refusals() -> list[Route]:
    """What is refused, with whatever lies below it."""
    return [
        Route(place, _refuse(*told), methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
        for path, told in REFUSED.items()
        for place in (path, f"{path}/{{rest:path}}")
    ]


def _refuse(why: str, instead: str) -> Handler:
    async def refuse(request: Request) -> Response:
        versioned(request)
        raise Refusal(f"this server cannot {why}: {instead}", code="not_supported", hint=instead)

    return refuse
