"""POST models/{model}:predictLongRunning makes films; their operation tells how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.gemini import ids
from mutoscope.dialects.gemini.address import Addresses
from mutoscope.dialects.gemini.asking import DIALECT, FIELDS, VENDOR
from mutoscope.dialects.gemini.models import unknown
from mutoscope.dialects.gemini.operation import USER, operation
from mutoscope.dialects.google import listing, veo
from mutoscope.dialects.google.acquaintance import place
from mutoscope.dialects.google.naming import NAMES, names
from mutoscope.dialects.shared import told
from mutoscope.dialects.shared.answers import Signer, answer, caller
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.told import warning_header
from mutoscope.errors import MutoscopeError
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House


class Operations:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.creating = Creating(house)
        self.desk = self.creating.desk

    async def create(self, request: Request) -> Response:
        model = request.path_params["model"]
        try:
            self.house.engines.named(model)
        except MutoscopeError as error:
            if error.status < 500:
                raise unknown(model, request.path_params["version"], error) from None
            raise
        body = await read_body(request, self.house)
        wish = veo.read(body.fields, model, FIELDS)
        metadata = veo.user_metadata(body.fields)
        asked = {"model": model, **veo.sized(body.fields)} | ({USER: metadata} if metadata else {})
        placed = await place(
            self.creating,
            Ask.by(
                request,
                self.house,
                body,
                wish,
                dialect=DIALECT,
                vendor=VENDOR,
                names=names(NAMES, asked),
                asked=asked,
            ),
        )
        return self._told(request, await self.desk.takes(placed.job))

    async def get(self, request: Request) -> Response:
        return self._told(request, await self._takes(request))

    async def listed(self, request: Request) -> Response:
        """All operations, or those of the model that the address names."""
        model = request.path_params.get("model")
        found, more = await listing.page(
            self.desk, request, lambda job: model in (None, told.model(job))
        )
        operations = [self._shown(request, takes) for takes in found]
        return answer(({"operations": operations} if operations else {}) | more)

    async def delete(self, request: Request) -> Response:
        for job in await self._takes(request):
            await self.desk.delete(job)
        return answer({})

    async def cancel(self, request: Request) -> Response:
        for job in await self._takes(request):
            if job.due is not None:
                await self.house.ledger.cancel(job.id, job.project)
        return answer({})

    async def _takes(self, request: Request) -> list[Job]:
        """The jobs of the operation that the address names. Refusal (404)."""
        id = request.path_params["operation"]
        job = None
        if ids.well(id):
            job = await self.desk.get(ids.video_id(id), caller(request).project)
        takes = [] if job is None else await self.desk.takes(job)
        takes = [one for one in takes if not one.hidden]
        if not takes:
            raise Refusal(f"Operation '{id[:80]}' was not found.", status=404, code="not_found")
        return takes

    def _told(self, request: Request, takes: Sequence[Job]) -> Response:
        shown = self._shown(request, takes)
        notices = shown["metadata"].get("warnings")
        headers = {"x-mutoscope-warnings": warning_header(notices, {})} if notices else {}
        return answer(shown, headers)

    def _shown(self, request: Request, takes: Sequence[Job]) -> dict[str, Any]:
        sign = Signer(self.house, request.scope)
        return operation(takes, Addresses(self.house, request).download, sign)
