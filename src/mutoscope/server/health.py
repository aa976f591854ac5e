"""Whether the process lives, whether it can do its work, and what it counts."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.jobs import counting
from mutoscope.server.metrics import CONTENT, gauge

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from mutoscope.server.house import House

#: A check: what keeps this part from working, or "".
Check = Callable[[], Awaitable[str]]
PATIENCE = 2.0  # seconds for each check


def routes(house: House, checks: Mapping[str, Check] | None = None) -> list[Route]:
    """/healthz, /readyz and /metrics. `checks` are those of parts that only the process itself knows."""
    every: dict[str, Check] = {
        "database": lambda: _database(house),
        "disk": lambda: _disk(house),
    } | dict(checks or {})

    async def healthz(request: Request) -> Response:
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def readyz(request: Request) -> Response:
        names = list(every)
        said = await asyncio.gather(*(_ask(every[name]) for name in names))
        parts = {name: why or "ok" for name, why in zip(names, said, strict=True)}
        ready = not any(said) and not house.closing.is_set()
        state = "ready" if ready else "closing" if house.closing.is_set() else "not ready"
        raw = msgspec.json.encode({"status": state, "parts": parts})
        return Response(raw, 200 if ready else 503, media_type="application/json")

    async def metrics(request: Request) -> Response:
        families = await house.records.read(_jobs_now)
        intake = gauge("uploads", "Uploads under way.")
        intake.add_metric((), house.intake.uploads)
        return Response(house.metrics.text([*families, intake]), media_type=CONTENT)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def _ask(check: Check) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return f"no answer in {PATIENCE:g} seconds"
    except Exception as error:  # a part that fails to answer is not ready, whatever it fails with
        return type(error).__name__


async def _database(house: House) -> str:
    await house.records.read(lambda connection: connection.execute(select(1)).scalar_one())
    return ""


async def _disk(house: House) -> str:
    least = house.settings.retention.free_bytes
    loop = asyncio.get_running_loop()
    usage = await loop.run_in_executor(None, shutil.disk_usage, _there(house))
    if usage.free < least:
        return f"{usage.free:,} bytes are free; retention.free_bytes keeps {least:,}"
    return ""


def _there(house: House) -> str:
    place = house.media.folder
    while not place.exists():
        place = place.parent
    return str(place)


def _jobs_now(connection: Connection) -> list[Metric]:
    """Open jobs by stage and engine, and the age of the oldest that waits."""
    opened = gauge("jobs_open", "Jobs that have not ended.", ("stage", "engine", "status"))
    for (status, stage, engine), count in counting.counts(connection).items():
        opened.add_metric((stage, engine, status), count)
    oldest = gauge("queue_age_seconds", "Age of the oldest job that is still queued.")
    oldest.add_metric((), counting.queue_age(connection))
    return [opened, oldest]
