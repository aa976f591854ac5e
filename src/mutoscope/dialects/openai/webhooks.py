"""/v1/webhook_endpoints and /v1/webhook_event_types: who is told when a video is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.dialects.openai.answers import answer
from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.answers import caller, listing
from mutoscope.errors import BadInput
from mutoscope.outside import urls
from mutoscope.outside.endpoints import DISABLED, ENABLED, Endpoint, Endpoints
from mutoscope.outside.signing import hint
from mutoscope.outside.webhooks import receiver
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal
from mutoscope.server.routing import Handler, route
from mutoscope.storage.ids import new_id

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 20
MAX_NAME = 200  # characters

#: What happens here.
EVENT_TYPES = (
    "video.completed", "video.failed", "batch.completed", "batch.failed", "batch.expired",
    "batch.cancelled",
)  # fmt: skip
#: Types that the service has beside these: taken, so that programs which ask for them run; they never come.
FOREIGN_TYPES = (
    "response.completed", "response.failed", "response.cancelled", "response.incomplete",
    "eval.run.succeeded", "eval.run.failed", "eval.run.canceled", "fine_tuning.job.succeeded",
    "fine_tuning.job.failed", "fine_tuning.job.cancelled", "realtime.call.incoming",
    "agent.environment.ready", "agent.environment.failed", "agent.environment.suspended",
    "agent.environment.expired", "agent.session.created", "agent.session.action_required",
    "agent.session.in_progress", "agent.session.idle", "agent.session.failed",
    "safety.alert.created",
)  # fmt: skip


class WebhookEndpoints:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.endpoints = Endpoints(house.records)

    async def create(self, request: Request) -> Response:
        given = await self._read(request, needed=("event_types", "name", "url"))
        given.pop("status", None)
        made = await self.endpoints.create(caller(request).project, **given)
        return answer(shown(made, secret=True))

    async def list(self, request: Request) -> Response:
        limit, _, after = listing(request, MOST_LISTED, USUALLY_LISTED)
        page = await self.endpoints.page(caller(request).project, after=after, limit=max(limit, 1))
        if page is None:
            raise Refusal(
                f"Invalid 'after': no webhook endpoint has the id '{(after or '')[:80]}'.",
                param="after",
                code="invalid_value",
            )
        more = page.has_more or (limit == 0 and bool(page.endpoints))
        data = [shown(one) for one in page.endpoints[:limit]]
        return answer(
            {
                "object": "list",
                "data": data,
                "first_id": data[0]["id"] if data else None,
                "last_id": data[-1]["id"] if data else None,
                "has_more": more,
            }
        )

    async def retrieve(self, request: Request) -> Response:
        return answer(shown(await self._endpoint(request)))

    async def update(self, request: Request) -> Response:
        found = await self._endpoint(request)
        change = await self._read(request)
        updated = await self.endpoints.update(found.id, found.project, change)
        return answer(shown(_there(updated, found.id)))

    async def delete(self, request: Request) -> Response:
        id = request.path_params["endpoint_id"]
        if not await self.endpoints.delete(id, caller(request).project):
            raise no_endpoint(id)
        return answer({"id": id, "object": "webhook_endpoint.deleted", "deleted": True})

    async def rotate(self, request: Request) -> Response:
        found = await self._endpoint(request)
        given = (await read_body(request, self.house)).fields
        name = "keep_old_secret_active_for_24_hours"
        keep = fields.flag(name, given[name]) if name in given else False
        rotated = await self.endpoints.rotate(found.id, found.project, keep=keep)
        return answer(shown(_there(rotated, found.id), secret=True))

    async def test(self, request: Request) -> Response:
        found = await self._endpoint(request)
        given = (await read_body(request, self.house)).fields
        type = _type("event_type", given.get("event_type", found.event_types[0]))
        sample = f"{type.partition('.')[0]}_test"
        outcome = await self.house.outbox.try_now(
            new_id("evt_"), type, sample, found.url, found.signing.secret
        )
        if outcome.status is None:
            where = urls.shown(urls.read(found.url))
            raise Refusal(
                f"the test event did not reach {where}: {outcome.error}",
                code="webhook_unreachable",
                hint="the address must answer a POST from this server",
            )
        return answer(
            {
                "object": "webhook_endpoint.test",
                "webhook_endpoint_id": found.id,
                "event_type": type,
                "status_code": outcome.status,
                "success": True,
                "milliseconds": outcome.milliseconds,
            }
        )

    async def types(self, request: Request) -> Response:
        return answer({"object": "list", "data": EVENT_TYPES})

    async def _endpoint(self, request: Request) -> Endpoint:
        id = request.path_params["endpoint_id"]
        return _there(await self.endpoints.get(id, caller(request).project), id)

    async def _read(self, request: Request, needed: Sequence[str] = ()) -> dict[str, Any]:
        """The fields that were given, checked. BadInput."""
        given = (await read_body(request, self.house)).fields
        for name in needed:
            if given.get(name) is None:
                raise fields.missing(name)
        read: dict[str, Any] = {}
        for name, of in READERS.items():
            if given.get(name) is not None:
                read[name] = of(given[name])
        if "url" in read:
            receiver(read["url"], self.house.settings)
        return read


def _name(value: object) -> str:
    name = fields.words("name", value).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise BadInput(
            f"name has {len(name):,} characters; it must have 1 to {MAX_NAME}", field="name"
        )
    return name


def _url(value: object) -> str:
    return fields.words("url", value).strip()


def _event_types(value: object) -> list[str]:
    given = value if isinstance(value, list) else [value]
    if not given:
        raise BadInput(
            f"event_types is empty; it must name at least one of {', '.join(EVENT_TYPES)}",
            field="event_types",
            code="empty_array",
        )
    return list(dict.fromkeys(_type(f"event_types[{n}]", one) for n, one in enumerate(given)))


def _type(field: str, value: object) -> str:
    type = fields.words(field, value)
    if type not in EVENT_TYPES and type not in FOREIGN_TYPES:
        shown = ", ".join(f"'{one}'" for one in EVENT_TYPES)
        raise BadInput(
            f"Invalid value: '{type[:60]}'. Supported values are: {shown}.",
            field=field,
            code="invalid_value",
        )
    return type


def _status(value: object) -> str:
    status = fields.words("status", value)
    if status not in (ENABLED, DISABLED):
        raise BadInput(f'status must be "{ENABLED}" or "{DISABLED}"', field="status")
    return status


READERS: dict[str, Callable[[object], Any]] = {
    "name": _name, "url": _url, "event_types": _event_types, "status": _status,
}  # fmt: skip


def shown(endpoint: Endpoint, *, secret: bool = False) -> dict[str, Any]:
    """The service's object; `status` is this house's. The secret is shown when it was made."""
    said: dict[str, Any] = {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "created_at": int(endpoint.created),
        "updated_at": int(endpoint.updated),
        "name": endpoint.name,
        "url": endpoint.url,
        "event_types": list(endpoint.event_types),
        "signing_secret_hint": hint(endpoint.signing.secret),
        "status": endpoint.status,
    }
    return said | ({"signing_secret": endpoint.signing.secret} if secret else {})


def no_endpoint(id: str) -> Refusal:
    return Refusal(
        f"No webhook endpoint found with id '{id[:80]}'.", status=404, code="not_found",
        hint="GET /v1/webhook_endpoints lists this project's endpoints",
    )  # fmt: skip


def _there(endpoint: Endpoint | None, id: str) -> Endpoint:
    if endpoint is None:
        raise no_endpoint(id)
    return endpoint


def routes(house: House) -> list[Route]:
    """The routes."""
    to = WebhookEndpoints(house)
    table: dict[str, dict[str, Handler]] = {
        "/v1/webhook_endpoints": {"GET": to.list, "POST": to.create},
        "/v1/webhook_endpoints/{endpoint_id}": {
            "GET": to.retrieve,
            "POST": to.update,
            "DELETE": to.delete,
        },
        "/v1/webhook_endpoints/{endpoint_id}/rotate_secret": {"POST": to.rotate},
        "/v1/webhook_endpoints/{endpoint_id}/test": {"POST": to.test},
        "/v1/webhook_event_types": {"GET": to.types},
    }
    return [route(path, handlers) for path, handlers in table.items()]
