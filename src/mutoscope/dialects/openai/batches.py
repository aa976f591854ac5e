"""/v1/batches: a file of requests, one a line, run as one durable job."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.openai import batch_state
from mutoscope.dialects.openai.answers import NO_RETRY, answer
from mutoscope.dialects.openai.asking import DIALECT
from mutoscope.dialects.openai.batch_state import VIDEOS, Batch, shown
from mutoscope.dialects.openai.uploads import lasting
from mutoscope.dialects.shared import fields, refusals
from mutoscope.dialects.shared.answers import caller, hosts, idempotency_key, listing, retried
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.job import Job, NewJob
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal
from mutoscope.storage.files import Files
from mutoscope.storage.ids import new_id

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 20
MAX_BYTES = 200_000_000
_WINDOW = re.compile(r"(\d{1,3})([hd])", re.ASCII)
MOST_HOURS = 30 * 24
MAX_METADATA = (16, 64, 512)  # pairs, characters of a key, characters of a value


class Batches:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house)
        who = caller(request)
        given = {name: value for name, value in body.fields.items() if value is not None}
        for name in ("input_file_id", "endpoint", "completion_window"):
            if name not in given:
                raise fields.missing(name)
        endpoint = fields.words("endpoint", given["endpoint"])
        if endpoint != VIDEOS:
            raise BadInput(
                f"Invalid value: '{endpoint[:80]}'. Supported values are: '{VIDEOS}'.",
                field="endpoint",
                code="invalid_value",
            )
        hours = _hours(given["completion_window"])
        name = fields.words("input_file_id", given["input_file_id"])
        file = await self.files.get(name, who.project)
        if file is None:
            raise refusals.no_file(name, "input_file_id")
        if file.media.length > MAX_BYTES:
            raise BadShot(
                f"the batch's file has {file.media.length:,} bytes; it may have {MAX_BYTES:,}",
                field="input_file_id",
            )
        asked = {
            "endpoint": endpoint,
            "completion_window": given["completion_window"],
            "input_file_id": name,
            "metadata": _metadata(given.get("metadata")),
            "output_lasting": lasting("output_expires_after", given.get("output_expires_after")),
            "jobs_at_once": who.jobs_at_once,
            "hosts": list(hosts(request, self.house)),
        }
        made = NewJob(
            id=new_id("batch_"),
            object="batch",
            project=who.project,
            key_id=who.key_id,
            dialect=DIALECT,
            kind="batch",
            model="",
            engine="",
            stage="validate",
            asked=asked,
            work=batch_state.begun(file.media, time.time() + hours * 3600.0),
            idempotency_key=idempotency_key(request),
            fingerprint=body.fingerprint,
            uses=(file.media,),
        )
        placed = await self.desk.write(made, retried(request))
        return answer(shown(placed.job), NO_RETRY)

    async def retrieve(self, request: Request) -> Response:
        return answer(shown(await self._job(request)))

    async def list(self, request: Request) -> Response:
        limit, order, after = listing(request, MOST_LISTED, USUALLY_LISTED)
        found = await self.desk.page(
            caller(request).project, "batch", after=after, limit=limit or 1, order=order
        )
        if found is None:
            raise Refusal(
                f"Invalid 'after': no batch has the id '{(after or '')[:80]}'.",
                param="after",
                code="invalid_value",
            )
        data: list[Batch] = [shown(job) for job in found.jobs] if limit else []
        return answer(
            {
                "object": "list",
                "data": data,
                "first_id": data[0].id if data else None,
                "last_id": data[-1].id if data else None,
                "has_more": found.has_more if limit else bool(found.jobs),
            }
        )

    async def cancel(self, request: Request) -> Response:
        job = await self._job(request)
        if job.due is None:
            raise Refusal(
                f"Cannot cancel a batch with status '{shown(job).status}'.",
                status=409,
                code="batch_ended",
                headers={"x-should-retry": "false"},
            )
        asked = await self.house.ledger.cancel(job.id, job.project)
        return answer(shown(asked or job))

    async def _job(self, request: Request) -> Job:
        id = request.path_params["batch_id"]
        job = await self.desk.get(id, caller(request).project, "batch")
        if job is None:
            raise refusals.no_batch(id)
        return job


def _hours(given: Any) -> int:
    """The service takes "24h" alone; a machine of one's own may need longer."""
    said = fields.words("completion_window", given)
    match = _WINDOW.fullmatch(said)
    hours = int(match[1]) * (24 if match[2] == "d" else 1) if match else 0
    if not 1 <= hours <= MOST_HOURS:
        raise BadShot.of("completion_window", said, 'hours or days such as "24h", up to "30d"')
    return hours


def _metadata(given: Any) -> dict[str, str] | None:
    if given is None:
        return None
    given = fields.structure("metadata", given)
    if not isinstance(given, dict):
        raise fields.wrong_type("metadata", "an object", given)
    pairs, key, value = MAX_METADATA
    well = len(given) <= pairs and all(
        len(name) <= key and isinstance(text, str) and len(text) <= value
        for name, text in given.items()
    )
    if not well:
        raise BadShot(
            f"metadata may hold {pairs} pairs of text: keys of at most {key} characters, "
            f"values of at most {value}",
            field="metadata",
        )
    return msgspec.convert(given, dict[str, str])
