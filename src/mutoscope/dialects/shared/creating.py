"""From a wish to a job: find what it points at, make the shot, place it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mutoscope.catalog.load import qualified
from mutoscope.dialects.shared import making
from mutoscope.dialects.shared.answers import caller, hosts, idempotency_key, retried
from mutoscope.dialects.shared.finding import Finder
from mutoscope.dialects.shared.making import Found
from mutoscope.dialects.shared.naming import WIRE, renamed
from mutoscope.dialects.shared.references import VideoId
from mutoscope.dialects.shared.wish import SINCE_1970, Picture, Wish
from mutoscope.errors import MutoscopeError
from mutoscope.jobs.desk import Desk, Placed, Placing
from mutoscope.jobs.job import Job, Notice
from mutoscope.outside.webhooks import receiver
from mutoscope.shot import Role
from mutoscope.storage.files import Files

if TYPE_CHECKING:
    from starlette.requests import Request

    from mutoscope.server.body import Body
    from mutoscope.server.callers import Caller
    from mutoscope.server.house import House


MOST_NAMED = 8  # fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request, whichever way it came: by HTTP or as a line of a batch. `hosts` are the names under
    which this server was reached; `vendor` is whose contract a bare model name has; `names` are the
    dialect's own for the Shot's fields; `asked` is what its wire shows again beside the usual."""

    wish: Wish
    caller: Caller
    dialect: str
    vendor: str
    names: Mapping[str, str] = field(default_factory=lambda: WIRE)
    asked: Mapping[str, Any] = field(default_factory=dict)
    hosts: Iterable[str] = ()
    idempotency_key: str | None = None
    fingerprint: str | None = None
    retried: bool = False
    batch: str | None = None
    priority: int = 0  # where the request names none

    @classmethod
    def by(
        cls,
        request: Request,
        house: House,
        body: Body,
        wish: Wish,
        *,
        dialect: str,
        vendor: str,
        names: Mapping[str, str] = WIRE,
        asked: Mapping[str, Any] | None = None,
    ) -> Ask:
        """What a request by HTTP asks, whose body `wish` was read from."""
        return cls(
            wish=wish,
            caller=caller(request),
            dialect=dialect,
            vendor=vendor,
            names=names,
            asked=asked or {},
            hosts=hosts(request, house),
            idempotency_key=idempotency_key(request),
            fingerprint=body.fingerprint,
            retried=retried(request),
        )


class Creating:
    """See the module."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.files = Files(house.records)

    async def place(self, ask: Ask) -> Placed:
        """The job that the request makes, or made before. Raises BadInput or Refusal, with the wire's
        own names of fields."""
        try:
            return await self.desk.place(await self.placing(ask))
        except MutoscopeError as error:
            renamed(error, ask.names)
            if error.code == "missing_required_parameter":
                _named_otherwise(error, ask.wish.notices)
            raise

    async def placing(self, ask: Ask) -> Placing:
        """What the desk is handed for a request."""
        wish = ask.wish
        if wish.webhook_url is not None:
            receiver(wish.webhook_url, self.house.settings, field="webhook_url")
        finder = Finder(self.house, self.files, ask.caller, ask.hosts)
        origin = await finder.video(wish.original) if wish.original else None
        found = [
            (picture, await finder.clip(picture.field, picture.source))
            if picture.film
            else (picture, await finder.picture(picture.field, picture.source))
            for picture in wish.pictures
        ]
        clip = await _clip(wish, finder, origin)
        origin = origin or (clip[1].job if clip is not None else None)
        model = qualified(making.model(wish, origin), ask.vendor)
        contract = self.house.engines.contract(model)
        generated = wish.operation == "extend" and self._generated(model)
        made = making.make(wish, found, clip, origin, model, contract, generated=generated)
        return Placing(
            caller=ask.caller,
            dialect=ask.dialect,
            shot=made.shot,
            takes=wish.takes,
            asked={**made.asked, **ask.asked},
            fields=made.fields,
            pending=made.pending,
            work=made.work,
            warnings=wish.notices,
            strict=wish.strict,
            parent=made.parent,
            batch=ask.batch,
            idempotency_key=ask.idempotency_key,
            fingerprint=ask.fingerprint,
            retried=ask.retried,
            webhook_url=wish.webhook_url,
            priority=ask.priority if wish.priority is None else wish.priority,
            deadline=_deadline(wish.deadline),
        )

    def _generated(self, model: str) -> bool:
        """Whether the engine of that name makes pictures with a model of its own."""
        engines = self.house.engines
        own = engines.own(engines.named(model), model)
        return own is not None and own.checkpoint is not None


async def _clip(wish: Wish, finder: Finder, origin: Job | None) -> tuple[Picture, Found] | None:
    """The film that an edit, extension or remix starts from."""
    if wish.clip is not None:
        return wish.clip, await finder.clip(wish.clip.field, wish.clip.source)
    if origin is None:
        return None
    found = finder.film(origin, "video_id")
    return Picture(source=VideoId(origin.id), field="video", role=Role.SOURCE), found


def _named_otherwise(error: MutoscopeError, notices: Iterable[Notice]) -> None:
    """What is missing may have come under a name that is not known here: no warning is seen of a
    request that is refused."""
    left_out = [one.field for one in notices if one.code == "unknown_field" and one.field]
    if left_out:
        said = f"left out as not known here: {', '.join(left_out[:MOST_NAMED])}"
        error.message = f"{error.message}; {said}"
        error.hint = f"{error.hint}; {said}" if error.hint else said


def _deadline(given: float | None) -> float | None:
    if given is None or given > SINCE_1970:
        return given
    return time.time() + given
