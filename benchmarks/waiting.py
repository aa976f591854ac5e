"""A data folder with jobs that wait on a vendor, written before the server starts: what is measured is the
waiting, not how the jobs got there."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import msgspec
from sqlalchemy import Connection, update

from mutoscope.engines.base import Operation
from mutoscope.jobs.job import NewJob
from mutoscope.jobs.ledger import Ledger
from mutoscope.shot import Shot, Size
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs

TOGETHER = 500  # rows to a commit


def seeded(data: Path, vendor_url: str, count: int, spread: float) -> list[str]:
    """Hand `count` orders to the vendor and write them down as jobs in poll, their next questions spread
    over so many seconds; the jobs' ids."""
    return asyncio.run(_seeded(data, vendor_url, count, spread))


async def _seeded(data: Path, vendor_url: str, count: int, spread: float) -> list[str]:
    data.mkdir(parents=True, exist_ok=True)
    made: list[str] = []
    shot = Shot(prompt="pan left", model="sora-2", size=Size(1280, 720))
    with Records.open("", data) as records:
        ledger = Ledger(records)
        async with httpx.AsyncClient(base_url=vendor_url, timeout=60) as client:
            for begin in range(0, count, TOGETHER):
                some = range(begin, min(begin + TOGETHER, count))
                orders = await asyncio.gather(*(_ordered(client, number) for number in some))
                rows = [
                    NewJob(
                        id=new_id("video_"), project="default", dialect="openai", kind="create",
                        model="sora-2", engine="upstream", stage="poll", shot=shot,
                        asked={"prompt": "pan left", "seconds": "4", "size": "1280x720"},
                        delay=spread * number / count,
                    )
                    for number in some
                ]  # fmt: skip
                await asyncio.gather(*(ledger.create(row) for row in rows))
                taken = dict(zip((row.id for row in rows), orders, strict=True))
                await records.write(partial(_accepted, taken))
                made += [row.id for row in rows]
    return made


def _accepted(taken: Mapping[str, str], connection: Connection) -> None:
    for job, order in taken.items():
        operation = msgspec.json.encode(Operation("upstream", {"id": order, "said": []}))
        row = {"operation": operation.decode(), "status": "in_progress", "account": "upstream"}
        connection.execute(update(jobs).where(jobs.c.id == job).values(row))


async def _ordered(client: httpx.AsyncClient, number: int) -> str:
    fields = {"prompt": (None, f"pan {number}"), "model": (None, "sora-2")}
    answer = await client.post("/videos", files=fields)
    return str(answer.raise_for_status().json()["id"])


def settings(vendor_url: str, seconds: float) -> str:
    """A settings file with the vendor as an engine, asked every so many seconds."""
    return (
        f"[jobs]\npoll_first = {seconds}\npoll_last = {seconds}\n"
        '[routes]\ndefault = "upstream"\n'
        f'[engines.upstream]\nkind = "openai_videos"\nbase_url = "{vendor_url}"\n'
        'api_key = "sk-vendor"\nquirks = "sora"\n'
    )


def lateness(data: Path) -> float:
    """Seconds by which the latest of all questions is overdue."""
    with closing(sqlite3.connect(f"file:{data}/records.sqlite3?mode=ro", uri=True)) as line:
        (due,) = line.execute(
            "SELECT min(due) FROM jobs WHERE stage = 'poll' AND due IS NOT NULL"
        ).fetchone()
    return max(0.0, time.time() - due) if due is not None else 0.0


def fences(data: Path) -> dict[str, int]:
    """How often each open job was claimed."""
    with closing(sqlite3.connect(f"file:{data}/records.sqlite3?mode=ro", uri=True)) as line:
        return dict(line.execute("SELECT id, fence FROM jobs WHERE due IS NOT NULL"))
