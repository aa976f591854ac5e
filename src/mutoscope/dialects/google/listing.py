"""The list of operations: one for each request for films, whichever dialect it came in; the newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request

from mutoscope.dialects.gemini import ids
from mutoscope.dialects.gemini.paging import paging
from mutoscope.dialects.shared.answers import caller
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.job import Job
from mutoscope.server.errors import Refusal

MOST, USUAL = 100, 50
READ = 100  # rows at a time
MOST_READ = 50  # pages of rows that one list goes through


async def page(
    desk: Desk, request: Request, wanted: Callable[[Job], bool]
) -> tuple[list[Sequence[Job]], dict[str, str]]:
    """The takes of each operation on the page that the query asks for, and how the next page is asked for.
    Refusal (400)."""
    size, token = paging(request, MOST, USUAL)
    if request.query_params.get("filter"):
        raise Refusal(
            "filter is not supported here: a list has all operations, or those of one model",
            param="filter",
            code="not_supported",
            hint="leave filter out",
        )
    after = None if token is None else ids.video_id(token)
    found: list[Sequence[Job]] = []
    for _ in range(MOST_READ):
        rows = await desk.page(caller(request).project, after=after, limit=READ, order="desc")
        if rows is None:
            raise Refusal(
                f"pageToken is {(token or '')[:80]!r}; it must be the nextPageToken of a list",
                param="pageToken",
                code="invalid_value",
            )
        for place, row in enumerate(rows.jobs):
            after = row.id
            takes = await _takes(desk, row) if wanted(row) else []
            if not takes:
                continue
            found.append(takes)
            if len(found) == size:
                more = rows.has_more or place + 1 < len(rows.jobs)
                return found, {"nextPageToken": ids.bare(after)} if more else {}
        if not rows.has_more:
            return found, {}
    return found, {"nextPageToken": ids.bare(after or "")}


async def _takes(desk: Desk, row: Job) -> list[Job]:
    """What the row's request made; nothing where another row stands for that."""
    takes = [one for one in await desk.takes(row) if not one.hidden]
    return takes if takes and takes[0].id == row.id else []
