"""/mutoscope/webhooks: what was told to whom, telling it again, and the project's own signing secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.jobs import delivery_log
from mutoscope.jobs.delivery_log import DeliveryRow, EventRow, LogPage
from mutoscope.outside.endpoints import project_secret, rotate_project_secret
from mutoscope.server.body import read_body
from mutoscope.server.callers import Caller
from mutoscope.server.errors import Refusal
from mutoscope.server.routing import Handler, route

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 20
STATES = ("pending", "delivered", "failed")


class WebhookLog:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def events(self, request: Request) -> Response:
        limit, after = _window(request)
        type = request.query_params.get("type")
        page = await self.house.records.read(
            lambda c: delivery_log.event_page(
                c, _project(request), after=after, limit=limit, type=type
            )
        )
        return _answer(_page(page))

    async def event(self, request: Request) -> Response:
        id, project = request.path_params["event_id"], _project(request)

        def find(connection: Connection) -> dict[str, Any] | None:
            event = delivery_log.event(connection, project, id)
            if event is None:
                return None
            page = delivery_log.delivery_page(connection, project, event=id, limit=MOST_LISTED)
            return shown(event) | {"deliveries": [shown(row) for row in page.rows]}

        found = await self.house.records.read(find)
        if found is None:
            raise _missing("event", id)
        return _answer(found)

    async def replay_event(self, request: Request) -> Response:
        id, project = request.path_params["event_id"], _project(request)
        made = await self.house.records.write(lambda c: delivery_log.replay_event(c, project, id))
        if made is None:
            raise _missing("event", id)
        if not made:
            raise Refusal(
                f"nobody wants the event {id}: no enabled endpoint takes its type, and its job named "
                "no webhook",
                code="no_receiver",
                hint="POST /v1/webhook_endpoints makes an endpoint",
            )
        self.house.outbox.hint()
        return _answer({"object": "event.replay", "event": id, "deliveries": made})

    async def deliveries(self, request: Request) -> Response:
        limit, after = _window(request)
        asked = request.query_params
        status = asked.get("status")
        if status is not None and status not in STATES:
            raise Refusal(
                f"status is {status[:40]!r}; it must be {', '.join(STATES[:-1])} or {STATES[-1]}",
                param="status",
            )
        page = await self.house.records.read(
            lambda c: delivery_log.delivery_page(
                c, _project(request), after=after, limit=limit, status=status,
                event=asked.get("event"), endpoint=asked.get("endpoint"),
            )
        )  # fmt: skip
        return _answer(_page(page))

    async def delivery(self, request: Request) -> Response:
        id, project = request.path_params["delivery_id"], _project(request)
        found = await self.house.records.read(lambda c: delivery_log.delivery(c, project, id))
        if found is None:
            raise _missing("delivery", id)
        return _answer(shown(found))

    async def replay_delivery(self, request: Request) -> Response:
        id, project = request.path_params["delivery_id"], _project(request)
        made = await self.house.records.write(
            lambda c: delivery_log.replay_delivery(c, project, id)
        )
        if made is None:
            raise _missing("delivery", id)
        self.house.outbox.hint()
        return _answer({"object": "delivery.replay", "delivery": id, "deliveries": [made]})

    async def secret(self, request: Request) -> Response:
        project = _project(request)
        signing = await self.house.records.write(lambda c: project_secret(c, project))
        return _answer({"object": "webhook_secret", "signing_secret": signing.secret})

    async def rotate(self, request: Request) -> Response:
        given = (await read_body(request, self.house)).fields
        keep = given.get("keep_old_secret_active_for_24_hours", False)
        keep = keep is True or str(keep).lower() in ("true", "1")
        project = _project(request)
        signing = await self.house.records.write(
            lambda c: rotate_project_secret(c, project, keep=keep)
        )
        return _answer({"object": "webhook_secret", "signing_secret": signing.secret})


def shown(row: EventRow | DeliveryRow) -> dict[str, Any]:
    """A row as values; the project is the caller's own."""
    values: dict[str, Any] = msgspec.to_builtins(row)
    del values["project"]
    return {"object": "event" if isinstance(row, EventRow) else "delivery", **values}


def _page(page: LogPage[EventRow] | LogPage[DeliveryRow]) -> dict[str, Any]:
    data = [shown(row) for row in page.rows]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": page.has_more,
    }


def _answer(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _project(request: Request) -> str:
    who: Caller = request.state.caller
    return who.project


def _window(request: Request) -> tuple[int, str | None]:
    """limit and after of a list's query. Refusal (400)."""
    text = request.query_params.get("limit", str(USUALLY_LISTED))
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_LISTED:
        raise Refusal(
            f"limit is {text[:40]!r}; it must be a whole number from 1 to {MOST_LISTED}",
            param="limit",
        )
    return int(text), request.query_params.get("after") or None


def _missing(what: str, id: str) -> Refusal:
    return Refusal(f"there is no {what} {id[:80]!r} in this project", status=404)


def routes(house: House) -> list[Route]:
    """The routes."""
    log = WebhookLog(house)
    table: dict[str, dict[str, Handler]] = {
        "/mutoscope/webhooks/events": {"GET": log.events},
        "/mutoscope/webhooks/events/{event_id}": {"GET": log.event},
        "/mutoscope/webhooks/events/{event_id}/replay": {"POST": log.replay_event},
        "/mutoscope/webhooks/deliveries": {"GET": log.deliveries},
        "/mutoscope/webhooks/deliveries/{delivery_id}": {"GET": log.delivery},
        "/mutoscope/webhooks/deliveries/{delivery_id}/replay": {"POST": log.replay_delivery},
        "/mutoscope/webhooks/secret": {"GET": log.secret},
        "/mutoscope/webhooks/secret/rotate": {"POST": log.rotate},
    }
    return [route(path, handlers) for path, handlers in table.items()]
