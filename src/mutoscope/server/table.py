"""Routes by the shape of their path, so that a request is compared with a few of them and not with all."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

Shape = tuple[int, str]  # number of parts, the second part ("videos" of /v1/videos/{id})


class Table(Router):
    """A Router that keeps to the order in which routes are given, among those a path could be."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        super().__init__(routes=routes, redirect_slashes=False)  # a redirected POST loses its body
        self._shapes: dict[Shape, Router] = {}
        for route in routes:
            if (shape := _fixed(route)) is not None and shape not in self._shapes:
                alike = [one for one in routes if _fixed(one) in (shape, None)]
                self._shapes[shape] = Router(routes=alike, redirect_slashes=False)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._shapes.get(_shape(scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await super().app(scope, receive, send)
        else:
            await found.app(scope, receive, send)


def _shape(path: str) -> Shape:
    parts = path.split("/")
    return len(parts), parts[2] if len(parts) > 2 else ""


def _fixed(route: BaseRoute) -> Shape | None:
    """The one shape of the paths that a route takes; None where it takes several."""
    if not isinstance(route, Route) or ":path}" in route.path:
        return None
    shape = _shape(route.path)
    return None if "{" in shape[1] else shape
