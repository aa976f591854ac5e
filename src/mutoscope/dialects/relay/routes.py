"""The routes of relays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mutoscope.dialects.relay import characters, tasks
from mutoscope.server.routing import route

if TYPE_CHECKING:
    from mutoscope.server.house import House

ROOT = "/v1/sora"


def routes(house: House) -> list[Route]:
    """Everything under /v1/sora."""
    people, works = characters.Handlers(house), tasks.Handlers(house)
    one = {"GET": people.get, "DELETE": people.delete}
    return [
        route(f"{ROOT}/tasks/{{task_id}}", {"GET": works.get, "DELETE": works.delete}),
        route(f"{ROOT}/tasks/{{task_id}}/cancel", {"POST": works.cancel}),
        route(f"{ROOT}/tasks", {"GET": works.list}),
        route(f"{ROOT}/generate", {"POST": works.generate}),
        route(f"{ROOT}/characters/extract", {"POST": people.extract}),
        route(f"{ROOT}/characters", {"GET": people.list, "POST": people.create}),
        route(f"{ROOT}/characters/{{character_id}}", one),
    ]
