"""The House opened for a server: everything it holds, in the order in which one part needs another, and
closed the other way round."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from mutoscope.compute.processes import Processes
from mutoscope.config import Settings
from mutoscope.dialects.shared.announced import Announced
from mutoscope.engines.flipbook.engine import LOADED, FlipbookEngine
from mutoscope.engines.registry import Engines
from mutoscope.errors import CannotWrite
from mutoscope.jobs.job import Change, Job
from mutoscope.jobs.ledger import Ledger
from mutoscope.jobs.outbox import Outbox
from mutoscope.outside.fetch import Fetcher
from mutoscope.server import logs, secret
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.server.metrics import Metrics
from mutoscope.storage.media import MediaStore
from mutoscope.storage.records import Records

_log = logging.getLogger("mutoscope.jobs")

MEDIA = "media"  # the media store's folder in the data folder


def make_folder(data: Path) -> None:
    """The data folder, made where it is not there; CannotWrite where it cannot be written."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(data, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise CannotWrite(
            f"the data folder {data} cannot be written: {error.strerror}; give another by --data"
        ) from None


@asynccontextmanager
async def opened(settings: Settings, public_url: str) -> AsyncIterator[House]:
    """The House of a data folder, for as long as the context lasts. Blocks while it opens and closes:
    nothing else runs on the loop then."""
    data = settings.server.data
    make_folder(data)
    async with AsyncExitStack() as stack:
        records = Records.open(settings.server.database, data)
        stack.callback(records.close)
        media = MediaStore(data / MEDIA)
        await asyncio.to_thread(media.sweep)
        compute, probes = _renders(settings, data), _probes(settings, data)
        stack.callback(probes.close)
        stack.callback(compute.close)
        engines = Engines(settings, compute)
        stack.push_async_callback(engines.close)
        for name in engines.names():  # now: their imports would hold up the first request
            engines.get(name)
        fetch = Fetcher(settings.fetch, media, settings.limits)
        stack.callback(fetch.close)
        metrics = Metrics()
        links = Links(secret.kept(records, "links"), public_url)
        news = Announced(records, links, settings)
        outbox = Outbox(records, settings, count=metrics.webhook, news=news)
        yield House(
            settings=settings,
            records=records,
            ledger=Ledger(records, outbox, _ended(metrics)),
            media=media,
            compute=compute,
            probes=probes,
            engines=engines,
            fetch=fetch,
            keys=Keys(records),
            links=links,
            outbox=outbox,
            metrics=metrics,
        )


def _ended(metrics: Metrics) -> Callable[[Job, Change], None]:
    """Counts a job that ended, and says so in the log."""

    def ended(job: Job, change: Change) -> None:
        metrics.job(job, change)
        fields: dict[str, object] = {"job": job.id, "project": job.project, "engine": job.engine}
        if change.result is not None:
            fields |= {"seconds": change.result.took.get("total", 0.0)}
        if change.error is not None:
            fields |= {"code": change.error.code, "why": logs.clean(change.error.message)}
        _log.info("%s %s", job.object, change.status, extra={"fields": fields})

    return ended


def _renders(settings: Settings, data: Path) -> Processes:
    chosen, routes = settings.compute, settings.routes
    filming = FlipbookEngine.name in (routes.default, *routes.models.values())
    return Processes(
        chosen.at_once,
        memory=chosen.render_memory,
        seconds=chosen.render_seconds,
        warm=LOADED if filming else (),  # a gateway to others has no use for it
        name="render",
        scratch=data / "work",
    )


def _probes(settings: Settings, data: Path) -> Processes:
    chosen = settings.compute
    return Processes(
        chosen.probes,
        memory=chosen.probe_memory,
        seconds=chosen.probe_seconds,
        nice=0,
        name="probe",
        scratch=data / "work",
    )
