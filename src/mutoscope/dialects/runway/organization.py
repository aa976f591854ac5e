"""The organization: what the key's project may do, and what it did. There is no money here, and no credit."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.catalog.load import bare, contracts
from mutoscope.dialects.runway import credits
from mutoscope.dialects.runway.asking import VENDOR
from mutoscope.dialects.runway.handling import answer, versioned
from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.answers import caller
from mutoscope.errors import BadShot
from mutoscope.jobs import rows
from mutoscope.server.body import read_body
from mutoscope.storage.tables import jobs

if TYPE_CHECKING:
    from mutoscope.server.house import House

DAY = 86400.0
BALANCE = 1_000_000  # credits: films are not charged for, and programs that look at it shall go on
NO_LIMIT = 1_000_000  # the packages have a number there, which programs count with
AT_A_TIME = 200  # jobs that are counted
USUAL, MOST = 30, 90  # days of usage


class Organization:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def retrieve(self, request: Request) -> Response:
        """Limits by model, and how many films of each were begun in the last day."""
        versioned(request)
        who = caller(request)
        models = [one.model for one in contracts(VENDOR)]
        engines = self.house.engines
        await engines.look()
        own = [name for name in engines.names() if engines.ready(name)]
        models += [name for name in own if name not in models]
        counted = await self._since(who.project, time.time() - DAY)
        at_once = NO_LIMIT if who.jobs_at_once is None else who.jobs_at_once
        limits = {"maxConcurrentGenerations": at_once, "maxDailyGenerations": NO_LIMIT}
        return answer(
            {
                "creditBalance": BALANCE,
                "tier": {
                    "maxMonthlyCreditSpend": BALANCE,
                    "models": dict.fromkeys((*models, *counted), limits),
                },
                "usage": {
                    "models": {
                        model: {"dailyGenerations": counted[model]}
                        for model in dict.fromkeys((*models, *counted))
                    }
                },
            }
        )

    async def usage(self, request: Request) -> Response:
        """Credits by day and model, of the films that are still here: {startDate, beforeDate}."""
        versioned(request)
        given = (await read_body(request, self.house)).fields
        today = datetime.fromtimestamp(time.time(), UTC).date()
        start = _day("startDate", given.get("startDate")) or today - timedelta(days=USUAL)
        before = _day("beforeDate", given.get("beforeDate")) or start + timedelta(days=USUAL)
        if not timedelta(0) <= before - start <= timedelta(days=MOST):
            raise BadShot.of("beforeDate", str(before), f"from startDate to {MOST} days later")
        spent = await self._spent(caller(request).project, start, before)
        return answer(
            {
                "models": sorted({model for used in spent.values() for model in used}),
                "results": [
                    {
                        "date": str(start + timedelta(days=place)),
                        "usedCredits": [
                            {"model": model, "amount": amount}
                            for model, amount in sorted(
                                spent[start + timedelta(days=place)].items()
                            )
                        ],
                    }
                    for place in range((before - start).days)
                ],
            }
        )

    async def _since(self, project: str, since: float) -> Counter[str]:
        def count(connection: Connection) -> Counter[str]:
            of = select(jobs.c.model, func.count()).group_by(jobs.c.model)
            of = of.where(
                jobs.c.project == project, jobs.c.object == "video", jobs.c.created > since
            )
            counted: Counter[str] = Counter()
            for model, number in connection.execute(of):
                counted[bare(model)] += number
            return counted

        return await self.house.records.read(count)

    async def _spent(self, project: str, start: date, before: date) -> dict[date, Counter[str]]:
        """Credits by day and model; the jobs are never all in memory."""
        first, last = (
            datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
            for day in (start, before)
        )
        of = select(jobs).where(jobs.c.project == project, jobs.c.object == "video")
        of = of.where(jobs.c.created >= first, jobs.c.created < last)

        def count(connection: Connection) -> dict[date, Counter[str]]:
            spent: dict[date, Counter[str]] = defaultdict(Counter)
            for row in connection.execute(of, execution_options={"yield_per": AT_A_TIME}):
                job = rows.job(row)
                day = datetime.fromtimestamp(job.created, UTC).date()
                spent[day][bare(job.model)] += credits.charged(self.house, job)
            return spent

        return await self.house.records.read(count)


def _day(field: str, value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(fields.words(field, value)[:10])
    except ValueError:
        raise BadShot.of(field, value, "a date such as 2026-11-20") from None
