"""The list of jobs: those of one request are one, the newest first; `after` goes to older ones, `before`
to newer ones, `statuses` leaves others out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from mutoscope.dialects.azure.job import STATUSES, TASK, status
from mutoscope.dialects.shared.tasks import job_id
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.job import Job
from mutoscope.server.errors import Refusal

MOST, USUAL = 100, 20
READ = 100  # rows at a time
MOST_READ = 50  # pages of rows that one list goes through


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    limit: int
    after: str | None = None
    before: str | None = None
    statuses: frozenset[str] = frozenset()


def query(request: Request) -> Asked:
    """The list's query. Refusal (400)."""
    given = request.query_params
    text = given.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST):
        raise Refusal(
            f"Invalid 'limit': {text[:40]!r}. It must be a whole number from 1 to {MOST}.",
            param="limit",
        )
    after, before = given.get("after") or None, given.get("before") or None
    if after and before:
        raise Refusal("'after' and 'before' were both sent; a page begins at one", param="before")
    named = (*given.getlist("statuses"), *given.getlist("statuses[]"))
    wanted = {word.strip().lower() for one in named for word in one.split(",") if word.strip()}
    for word in sorted(wanted):
        if word not in STATUSES:
            raise Refusal(
                f"Invalid 'statuses': {word[:40]!r}. It takes {', '.join(STATUSES)}.",
                param="statuses",
            )
    return Asked(limit=int(text), after=after, before=before, statuses=frozenset(wanted))


async def page(desk: Desk, project: str, asked: Asked) -> tuple[list[Sequence[Job]], bool]:
    """The films of each job on the page, and whether there are more. Refusal (400) where `after` or
    `before` is no id."""
    order = "asc" if asked.before else "desc"
    start = asked.before or asked.after
    at = None if start is None else job_id(start, TASK)
    found: list[Sequence[Job]] = []
    for _ in range(MOST_READ):
        rows = await desk.page(project, after=at, limit=READ, order=order)
        if rows is None:
            name = "before" if asked.before else "after"
            raise Refusal(
                f"Invalid '{name}': no job has the id '{(start or '')[:80]}'.", param=name
            )
        for row in rows.jobs:
            takes = [row] if row.take_of is None else await desk.takes(row)
            takes = [take for take in takes if not take.hidden]
            first = not takes or takes[0].id == row.id
            if first and (not asked.statuses or status(takes or [row]) in asked.statuses):
                found.append(takes or [row])
        if len(found) > asked.limit or not rows.has_more:
            more = len(found) > asked.limit
            break
        at = rows.jobs[-1].id
    else:
        more = bool(found)  # whoever asks on goes on from the last of these
    kept = found[: asked.limit]
    return kept if order == "desc" else kept[::-1], more
