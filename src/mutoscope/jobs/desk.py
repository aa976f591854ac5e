"""The desk: where every dialect hands in a shot, and what can be known at once is told at once.

::

    a repeat? → limits → cast → route → contracts → picture headers → written down, durably

What is found later (an address that gives nothing, a clip that cannot be decoded) is a failed job with
the same `error` that the request would have got.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from mutoscope.catalog.model import Contract
from mutoscope.characters.admission import cast_of
from mutoscope.characters.store import Characters
from mutoscope.engines.admission import admitted
from mutoscope.errors import BadImage, BadInput
from mutoscope.jobs.job import Job, NewJob, Notice, Object
from mutoscope.jobs.quota import Quota
from mutoscope.jobs.retention import YOUNG, Retention
from mutoscope.server.errors import Refusal
from mutoscope.shot import Anchor, Fit, Media, Role, Shot
from mutoscope.storage.ids import new_id
from mutoscope.storage.media import MediaMissing
from mutoscope.storage.tables import jobs

if TYPE_CHECKING:
    from mutoscope.jobs.reading import Page
    from mutoscope.server.callers import Caller
    from mutoscope.server.house import House

#: Where an anchor's medium has no type yet: the address is fetched by the stage `inputs`.
UNKNOWN = ("image/unknown", "video/unknown")
COUNTED = 0.25  # seconds for which a count of open jobs does
NEAR = 64  # jobs below the limit from which every request counts anew
BUSY_SECONDS = 10  # after which it is worth while to ask again


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """A shot with all that admission asks about. `fields` names each anchor as its caller knows it, for
    messages. `pending` has the address of each anchor, by its place, that is still to be fetched.
    `deadline` is seconds since 1970; `retried`: the client says that this is not its first try."""

    caller: Caller
    dialect: str
    shot: Shot
    asked: Mapping[str, Any]
    fields: tuple[str, ...] = ()
    pending: Mapping[int, str] = field(default_factory=dict)
    work: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Notice, ...] = ()
    strict: bool | None = None
    parent: str | None = None
    batch: str | None = None
    idempotency_key: str | None = None
    fingerprint: str | None = None
    retried: bool = False
    webhook_url: str | None = None
    priority: int = 0
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """`fresh` is false where an earlier request had made this very job."""

    job: Job
    fresh: bool


class Desk:
    """See the module."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.quota = Quota(house)
        self.retention = Retention(house)
        self._open: dict[str, tuple[float, int]] = {}
        self._looking: set[asyncio.Future[float]] = set()

    async def place(self, placing: Placing) -> Placed:
        """Admit the shot and write its job down. Raises BadInput, ContractRefused, Missing, or Refusal
        (429 for a limit, 507 for a full disk, 400 for an idempotency key that came with another body before)."""
        if (earlier := await self.earlier(placing)) is not None:
            return earlier
        ahead = await self.within_limits(placing.caller)
        house, project = self.house, placing.caller.project
        cast = await cast_of(Characters(house.records), project, placing.shot)
        placing = replace(placing, shot=cast.shot, warnings=(*placing.warnings, *cast.notices))
        shot = placing.shot
        compat = self._compat(placing)
        engine = house.engines.route(shot)
        notices = admitted(shot, engine, house.engines, compat)
        await self.quota.admit(shot)
        contract = house.engines.contract(shot.model)
        await asyncio.to_thread(self._look, placing, contract, compat == "strict")
        made = NewJob(
            id=new_id("video_"),
            project=project,
            key_id=placing.caller.key_id,
            dialect=placing.dialect,
            kind=str(shot.kind),
            model=shot.model,
            engine=engine,
            shot=shot,
            asked={**placing.asked, **self._expected(shot, engine, ahead)},
            work={
                **placing.work,
                **cast.work,
                **_pending(placing),
                **_said(placing.strict),
            },
            warnings=(*placing.warnings, *notices),
            priority=placing.priority,
            deadline=placing.deadline or time.time() + house.settings.jobs.deadline,
            parent=placing.parent,
            batch=placing.batch,
            idempotency_key=placing.idempotency_key,
            fingerprint=placing.fingerprint,
            webhook_url=placing.webhook_url,
            uses=tuple(anchor.media for anchor in shot.anchors if anchor.media.type not in UNKNOWN),
        )
        return await self.write(made, placing.retried)

    async def write(self, made: NewJob, retried: bool = False) -> Placed:
        """Write a job down, or find the one that its idempotency key, or a silent retry, had made."""
        window = self.house.settings.jobs.retry_window if retried else None
        created = await self.house.ledger.create(made, repeat_within=window)
        if not created.matches:
            raise _other_body()
        return Placed(created.job, created.fresh)

    async def earlier(self, placing: Placing) -> Placed | None:
        """The job that this request's first try made: a repeat is answered before any limit is asked."""
        key, print_ = placing.idempotency_key, placing.fingerprint
        if key is None and not (placing.retried and print_):
            return None
        window = self.house.settings.jobs.retry_window
        project = placing.caller.project

        def find(connection: Connection) -> str | None:
            of = select(jobs.c.id).where(jobs.c.project == project).order_by(jobs.c.id.desc())
            if key is not None:
                of = of.where(jobs.c.idempotency_key == key)
            else:
                since = self.house.records.now(connection) - window
                of = of.where(jobs.c.fingerprint == print_, jobs.c.created > since)
            return connection.execute(of.limit(1)).scalar()

        name = await self.house.records.read(find)
        job = await self.house.ledger.get(name, project) if name is not None else None
        if job is None:
            return None
        if job.fingerprint != print_:
            raise _other_body()
        return Placed(job, fresh=False)

    async def get(self, job: str, project: str | None, object: Object = "video") -> Job | None:
        """The job, where the project has it (None: any project's, for a signed link)."""
        found = await self.house.ledger.get(job, project)
        return found if found is not None and found.object == object else None

    async def page(
        self, project: str, object: Object = "video", *, after: str | None, limit: int, order: str
    ) -> Page | None:
        """A page in the order of creation; None where `after` is none of the project's."""
        return await self.house.ledger.page(
            project, object=object, after=after, limit=limit, order=order
        )

    async def delete(self, job: Job) -> None:
        """Delete an ended job with its files. One that runs is cancelled and hidden from then on; the
        retention deletes it as soon as it has ended."""
        if job.due is not None:
            await self.house.ledger.cancel(job.id, job.project)
        else:
            await self.retention.delete(job)
            self._again()

    async def retire(self, medias: Iterable[Media]) -> None:
        """Remove media that were dropped, unless somebody needs them."""
        await self.retention.retire(media.sha256 for media in medias)
        self._again()

    def _again(self) -> None:
        """What was sent a moment ago is left lying; look at it again when that is over."""

        def look() -> None:
            task = asyncio.ensure_future(self.retention.turn())
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

        asyncio.get_running_loop().call_later(YOUNG + 1.0, look)

    async def within_limits(self, caller: Caller) -> int:
        """How many jobs of the project are open. Refusal (429) where it, or the key, has all it may."""
        ledger, own = self.house.ledger, caller.jobs_at_once
        if own is not None:
            mine = await ledger.open_of(caller.project, caller.key_id)
            if mine >= own:
                raise _busy(
                    f"this key has {mine} jobs waiting or running, and may have {own} at once"
                )
        most, everybody = self.house.settings.limits.queued, await self._open_of(caller.project)
        if everybody >= most:
            raise _busy(
                f"this project has {everybody:,} jobs waiting or running; "
                f"limits.queued in the server's settings allows {most:,}"
            )
        return everybody

    async def _open_of(self, project: str) -> int:
        """Far from the limit a count that is a moment old does, with what came since: counting
        thousands of rows for every request costs more than the rest of its admission."""
        now, (at, known) = time.monotonic(), self._open.get(project, (-COUNTED, 0))
        if now - at < COUNTED and known + NEAR < self.house.settings.limits.queued:
            self._open[project] = (at, known + 1)
            return known
        counted = await self.house.ledger.open_of(project)
        self._open[project] = (now, counted + 1)
        return counted

    def _expected(self, shot: Shot, engine: str, ahead: int) -> dict[str, float]:
        """Seconds until the film is ready, where this server has seen the engine work or its contract
        says how long it usually takes: how often pollers should ask, until the work itself can tell."""
        if self.house.engines.get(engine).local:
            alone = self.house.pace.left(engine, shot, 0.0, 0.0)
            turns = 1 + ahead / max(1, self.house.settings.compute.at_once)
            return {} if alone is None else {"expected": round(alone * turns, 1)}
        minutes = getattr(self.house.engines.contract(shot.model), "minutes", None)
        return {} if minutes is None else {"expected": 60.0 * minutes}

    def _compat(self, placing: Placing) -> str:
        said = _said(placing.strict).get("compat")
        return str(said or self.house.settings.server.compat)

    def _look(self, placing: Placing, contract: Contract | None, strict: bool) -> None:
        """Read the header of every picture that is here: a few kilobytes of each. In a thread."""
        exact = strict and contract is not None and contract.inputs.exact_size
        for place, anchor in enumerate(placing.shot.anchors):
            if place in placing.pending:
                continue
            if not self.house.media.touch(
                anchor.media
            ):  # young again, so that nobody removes it now
                raise MediaMissing("what this request points at was deleted a moment ago")
            name = placing.fields[place] if place < len(placing.fields) else "the picture"
            try:
                self._see(anchor, placing.shot, name, exact)
            except BadInput as error:
                if error.message != _mismatch():  # the service named no parameter with that one
                    error.field = error.field or name
                raise

    def _see(self, anchor: Anchor, shot: Shot, name: str, exact: bool) -> None:
        from mutoscope.images.decode import open_photo
        from mutoscope.images.plan import plan

        media, film = anchor.media, anchor.media.type.startswith("video/")
        if anchor.role is Role.SOURCE or (film and anchor.role is Role.REFERENCE):
            if not film:
                raise BadInput(
                    f"{name} is {media.type}, no film; it must be MP4, MOV, WebM or Matroska",
                    field=name,
                    code="invalid_video",
                )
            return
        if film:
            raise BadImage(f"{name} is a film ({media.type}); it must be a picture", field=name)
        most = self.house.settings.limits.image_bytes
        photo = open_photo(self.house.media.path(media), max_bytes=most, name=name)
        if exact or shot.fit is Fit.STRICT:
            plan(photo.size, shot.size, Fit.STRICT, anchor.crop)


def _mismatch() -> str:
    from mutoscope.images.plan import STRICT_MISMATCH

    return STRICT_MISMATCH


def _pending(placing: Placing) -> dict[str, Any]:
    """Addresses still to be fetched, each with the name that its caller gave the field."""
    named = dict(enumerate(placing.fields))
    found = {
        str(place): {"url": url, "field": named.get(place, "")}
        for place, url in placing.pending.items()
    }
    return {"pending": found} if found else {}


def _said(strict: bool | None) -> dict[str, Any]:
    """What the request said of the vendor's contract, for the stages that check it again."""
    return {} if strict is None else {"compat": "strict" if strict else "lenient"}


def _other_body() -> Refusal:
    return Refusal(
        "this Idempotency-Key came before with another request",
        status=400,
        code="idempotency_key_reused",
        hint="send the same request again with its key, or a new key with a new request",
        headers={"x-should-retry": "false"},
    )


def _busy(why: str) -> Refusal:
    return Refusal(
        "Too many running tasks",
        status=429,
        code="rate_limit_exceeded",
        hint=f"{why}; wait until one has ended",
        headers={"retry-after": str(BUSY_SECONDS)},
    )
