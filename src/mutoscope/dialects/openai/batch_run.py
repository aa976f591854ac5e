"""How a batch is worked on: its stages, of which each may be repeated.

::

    validate → run (a few lines at a time, until every one has ended) → finalize

Each line makes one video job, whose idempotency key is the batch's id and the line's number, so that a
pass which is repeated after a crash finds what it had made.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from mutoscope.dialects.openai import asking, batch_lines
from mutoscope.dialects.openai.asking import DIALECT, VENDOR
from mutoscope.dialects.openai.batch_lines import Line
from mutoscope.dialects.openai.batch_output import Output
from mutoscope.dialects.openai.batch_state import Counts, Fault, Refused, State
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.errors import Missing, MutoscopeError
from mutoscope.jobs.job import Change, Problem
from mutoscope.jobs.stages.ending import expiry
from mutoscope.server.callers import Caller
from mutoscope.server.errors import openai, tell
from mutoscope.storage.files import Files
from mutoscope.storage.ids import new_id

if TYPE_CHECKING:
    from mutoscope.jobs.held import Held
    from mutoscope.server.house import House

PASS = 50  # lines placed in one go
MOST_OPEN = 1000  # videos of one batch that wait or run
PRIORITY = -10  # whoever waits for one film goes first
FULL_WAIT = 5.0  # seconds, where a limit lets nothing more in
LASTING = 30 * 86400.0  # seconds that output files stay, unless the batch says otherwise


async def validate(house: House, held: Held) -> Change:
    """Every line is read once; one that is no request fails the batch before any film is begun."""
    state, now = State.of(held.job), held.clock.now()
    path = await asyncio.to_thread(house.media.path, state.input)
    state.lines, state.faults = await asyncio.to_thread(batch_lines.checked, path)
    state.counts = Counts(total=state.lines)
    if not state.faults:
        state.become("in_progress", now)
        return Change(stage="run", status="in_progress", work=state.work())
    state.become("failed", now)
    first = state.faults[0]
    where = f"line {first.line}: " if first.line is not None else ""
    return Change(
        ended=True,
        status="failed",
        work=state.work(),
        error=Problem(code=first.code, message=f"{where}{first.message}"),
        expires=expiry(house, held),
        event="batch.failed",
    )


async def run(house: House, held: Held) -> Change:
    """Place a few lines; or, where all are placed, look whether they have ended."""
    job, state, now = held.job, State.of(held.job), held.clock.now()
    over = "cancelled" if job.cancel_requested else "expired" if now > state.expires_at else ""
    counts = await house.ledger.batch_counts(job.id)
    opened = counts.get("queued", 0) + counts.get("in_progress", 0)
    state.counts = Counts(
        total=state.lines,
        completed=counts.get("completed", 0),
        failed=counts.get("failed", 0) + len(state.refused),
    )
    if over:
        if over == "cancelled":
            state.times.setdefault("cancelling", now)
        await _cancel(house, held)
    if (over or state.next >= state.lines) and not opened:
        state.become("finalizing", now)
        state.over = over
        # chosen now, so that a repeated `finalize` writes the same files
        state.output_file_id, state.error_file_id = new_id("file-"), new_id("file-")
        return Change(stage="finalize", work=state.work(), progress=0.99)
    wait = 0.5 if state.lines < 100 or over else 2.0
    if not over and state.next < state.lines:
        room = min(PASS, MOST_OPEN - opened, max(1, house.settings.limits.queued // 2) - opened)
        full = await _place(house, held, state, room) if room > 0 else True
        wait = FULL_WAIT if full else wait if state.next >= state.lines else 0.0
    done = (state.counts.completed + state.counts.failed) / max(1, state.lines)
    return Change(stage="run", wait=wait, work=state.work(), progress=min(0.98, done))


async def _place(house: House, held: Held, state: State, count: int) -> bool:
    """Place up to `count` lines; whether a limit of the server's stopped that."""
    job = held.job
    creating = Creating(house)
    caller = Caller(job.project, job.key_id, jobs_at_once=job.asked.get("jobs_at_once"))
    path = await asyncio.to_thread(house.media.path, state.input)
    for line in await asyncio.to_thread(_some, path, state, count):
        if isinstance(line, Line):
            try:
                ask = Ask(
                    wish=asking.read("create", line.body),
                    caller=caller,
                    dialect=DIALECT,
                    vendor=VENDOR,
                    hosts=job.asked.get("hosts", ()),
                    idempotency_key=f"{job.id}/{line.number}",
                    fingerprint=hashlib.sha256(msgspec.json.encode(line.body)).hexdigest(),
                    batch=job.id,
                    priority=PRIORITY,
                )
                await creating.place(ask)
            except MutoscopeError as error:
                told = tell(error)
                if told.status in (429, 507):
                    return True
                if told.status >= 500 and not isinstance(error, Missing):
                    raise
                body = msgspec.json.decode(openai(told))
                state.refused[line.number] = Refused(status=told.status, body=body)
            state.offset = line.end
        state.next += 1
    return False


def _some(path: Path, state: State, count: int) -> list[Line | Fault]:
    found: list[Line | Fault] = []
    for one in batch_lines.lines(path, state.offset, state.next):
        found.append(one)
        if len(found) >= count:
            break
    return found


async def _cancel(house: House, held: Held) -> None:
    """Ask for the end of every film of the batch that has not ended."""
    after = None
    while jobs := await house.ledger.by_batch(held.job.id, after=after):
        for job in jobs:
            if job.due is not None and not job.cancel_requested:
                await house.ledger.cancel(job.id, job.project)
        after = jobs[-1].id


async def finalize(house: House, held: Held) -> Change:
    """Write the output and error files, and the batch is over."""
    job, state, now = held.job, State.of(held.job), held.clock.now()
    files, ids = Files(house.records), (state.output_file_id or "", state.error_file_id or "")
    input_ = await asyncio.to_thread(house.media.path, state.input)
    output = Output(house, job, state, held.make_folder(), await asyncio.to_thread(batch_lines.custom_ids, input_))  # fmt: skip
    # what was cancelled with the batch is deleted below, so files that are there hold more than a
    # repetition could still find
    if not any([await files.get(name, job.project) for name in ids]):
        written = await output.write()
        lasting = job.asked.get("output_lasting") or LASTING
        wanted = [(n, m) for n, m in zip(ids, written, strict=True) if m is not None]
        named = {ids[0]: f"{job.id}_output.jsonl", ids[1]: f"{job.id}_error.jsonl"}

        def add(connection: Connection) -> None:
            for name, media in wanted:
                files.add(connection, name, job.project, named[name], "batch_output", media, lasting)  # fmt: skip

        await house.records.write(add)
    present = [name if await files.get(name, job.project) else None for name in ids]
    state.output_file_id, state.error_file_id = present
    await output.forget_cancelled()
    ended = state.over or "completed"
    state.become(ended, now)
    return Change(
        ended=True,
        status="completed",
        progress=1.0,
        work=state.work(),
        expires=expiry(house, held),
        event=f"batch.{ended}",
    )
