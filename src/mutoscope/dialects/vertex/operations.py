"""models/{model}:predictLongRunning makes films; :fetchPredictOperation tells how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.gemini import ids
from mutoscope.dialects.google import listing
from mutoscope.dialects.google.acquaintance import place
from mutoscope.dialects.google.copies import Copies
from mutoscope.dialects.google.inline import Films, Inline
from mutoscope.dialects.google.naming import NAMES, names
from mutoscope.dialects.shared import fields, told
from mutoscope.dialects.shared.answers import answer, caller
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.told import warning_header
from mutoscope.dialects.vertex.asking import DIALECT, STORAGE, VENDOR, read
from mutoscope.dialects.vertex.operation import operation
from mutoscope.errors import MutoscopeError
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

GOOGLE = "google"  # the publisher of Veo


class Operations:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.creating = Creating(house)
        self.desk = self.creating.desk
        self.copies = Copies(house)

    async def create(self, request: Request) -> Response:
        model = asked_model(request)
        self._known(request, model)
        body = await read_body(request, self.house)
        wish, kept = read(body.fields, model)
        if bucket := kept.get("bucket"):
            self.copies.buckets.find(STORAGE, bucket)
        placed = await place(
            self.creating,
            Ask.by(
                request,
                self.house,
                body,
                await self.copies.buckets.settled(self.house, wish),
                dialect=DIALECT,
                vendor=VENDOR,
                names=names(NAMES, kept),
                asked={"model": model, **kept},
            ),
        )
        takes = await self.desk.takes(placed.job)
        if placed.fresh:
            for number, job in enumerate(takes):
                self.copies.later(job, number)
        name = f"{resource(request)}/operations/{ids.bare(takes[0].take_of or takes[0].id)}"
        return await self._told(name, takes)

    async def fetch(self, request: Request) -> Response:
        """The operation that the body names."""
        body = await read_body(request, self.house)
        name = body.fields.get("operationName", body.fields.get("operation_name"))
        if name is None:
            raise fields.missing("operationName", "the name that predictLongRunning answered")
        name = fields.words("operationName", name)
        return await self._told(name, await self._takes(request, name))

    async def get(self, request: Request) -> Response:
        name = f"{resource(request)}/operations/{request.path_params['operation']}"
        return await self._told(name, await self._takes(request, name))

    async def listed(self, request: Request) -> Response:
        """All operations, or those of the model that the address names; the films themselves come by
        `fetch`, for many would be in one answer."""
        model = asked_model(request) if "model" in request.path_params else None
        found, more = await listing.page(
            self.desk, request, lambda job: model in (None, told.model(job))
        )
        place = resource(request).partition("publishers/")[0].removesuffix("operations")
        operations = [operation(_name(place, takes[0]), takes, _unfetched) for takes in found]
        return answer(({"operations": operations} if operations else {}) | more)

    async def cancel(self, request: Request) -> Response:
        for job in await self._takes(request, request.path_params["operation"]):
            if job.due is not None:
                await self.house.ledger.cancel(job.id, job.project)
        return answer({})

    def _known(self, request: Request, model: str) -> None:
        """Refusal (404) for a model that nothing here is called by."""
        try:
            self.house.engines.named(model)
        except MutoscopeError as error:
            if error.status >= 500:
                raise
            raise Refusal(
                f"Publisher Model `{resource(request)[:300]}` was not found: {error.message}",
                status=404,
                param="model",
                code="not_found",
                hint=error.hint,
            ) from None

    async def _takes(self, request: Request, name: str) -> list[Job]:
        """The jobs of an operation. Refusal (404)."""
        id = ids.bare(name.rsplit("/", 1)[-1])
        job = None
        if ids.well(id):
            job = await self.desk.get(ids.video_id(id), caller(request).project)
        takes = [] if job is None else await self.desk.takes(job)
        takes = [one for one in takes if not one.hidden]
        if not takes:
            raise Refusal(
                f"Operation '{name[:300]}' was not found.",
                status=404,
                param="operationName",
                code="not_found",
            )
        return takes

    async def _told(self, name: str, takes: Sequence[Job]) -> Response:
        films = Films(self.house.media)
        copied = {job.id: await self.copies.made(job, number) for number, job in enumerate(takes)}

        def video(job: Job, number: int) -> Mapping[str, str]:
            assert job.result is not None
            film = job.result.media["video"]
            where = (
                {"gcsUri": copied[job.id]}
                if copied[job.id]
                else {"bytesBase64Encoded": films.mark(film)}
            )
            return where | {"mimeType": film.type}

        shown = operation(name, takes, video)
        notices = shown["metadata"].get("warnings")
        headers = {"x-mutoscope-warnings": warning_header(notices, {})} if notices else {}
        return Inline(films.json(shown), headers)


def _name(place: str, job: Job) -> str:
    """An operation's name at a place: "" or "projects/P/locations/L/"."""
    publisher, _, model = told.model(job).rpartition("/")
    of = f"{place}publishers/{publisher or GOOGLE}/models/{model}"
    return f"{of}/operations/{ids.bare(job.take_of or job.id)}"


def _unfetched(job: Job, number: int) -> Mapping[str, str]:
    assert job.result is not None
    return {"mimeType": job.result.media["video"].type}


def asked_model(request: Request) -> str:
    """The model that the address names: Google's by its name alone, another publisher's with that."""
    publisher, model = (request.path_params[name] for name in ("publisher", "model"))
    return model if publisher == GOOGLE else f"{publisher}/{model}"


def resource(request: Request) -> str:
    """The model's whole name, as the path has it: publishers/google/models/MODEL, or with a project before
    it. The client makes its next address of it."""
    path: str = request.scope["path"].strip("/")
    if version := request.path_params.get("version"):
        path = path.removeprefix(f"{version}/")
    return path.split("/operations/", 1)[0].rsplit(":", 1)[0]
