"""A House with records, ledger, outbox and keys, and the routes of webhooks and events in front of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx

from mutoscope.config import Settings, Webhooks
from mutoscope.dialects.openai import webhooks
from mutoscope.jobs.ledger import Ledger
from mutoscope.jobs.outbox import Outbox
from mutoscope.jobs.verdicts import Backoff
from mutoscope.server import events, webhook_log
from mutoscope.server.auth import Door
from mutoscope.server.front import Front
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.server.metrics import Metrics
from mutoscope.server.switch import Switch
from mutoscope.server.table import Table
from mutoscope.storage.records import Records

ADDRESS = "http://127.0.0.1:8640"


def house(records: Records, settings: Settings | None = None) -> House:
    """Nothing renders, fetches or probes in it."""
    settings = settings or Settings(webhooks=Webhooks(timeout=2))
    absent = cast(Any, None)
    metrics = Metrics()
    quick = Backoff(first=0.02, factor=1.5, most=0.2)
    outbox = Outbox(records, settings, count=metrics.webhook, backoff=quick, idle=0.05)
    return House(
        settings=settings, records=records, ledger=Ledger(records, outbox), media=absent,
        compute=absent, probes=absent, engines=absent, fetch=absent, keys=Keys(records),
        links=Links(b"a secret of these tests", ADDRESS), outbox=outbox, metrics=metrics,
    )  # fmt: skip


def app(house: House, *, heartbeat: float = 15.0) -> Front:
    """The routes behind the server's own front."""
    listening = events.routes(house, heartbeat=heartbeat)
    routes = [*listening, *webhook_log.routes(house), *webhooks.routes(house)]
    door = Door(house.settings, house.keys, house.links)
    return Front(Switch(Table(routes), ()), door, house.metrics, house.intake)


@contextlib.asynccontextmanager
async def asking(house: House, key: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, while the outbox runs."""
    task = asyncio.create_task(house.outbox.run())
    headers = {"authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app=cast(Any, app(house)), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url=ADDRESS, headers=headers
        ) as client:
            yield client
    finally:
        await house.outbox.stop(1)
        await task
