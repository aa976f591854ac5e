"""An operation whose job went to another worker while the engine was taking it: it may be paid for.

That happens to a process that was halted between sending an order and writing the answer down. Where
nobody has handed the shot over again since, the job goes on with this operation; otherwise it is
stopped, where the engine can.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import Connection, update

from mutoscope.engines.base import Operation
from mutoscope.jobs.job import Job
from mutoscope.jobs.rows import encode
from mutoscope.storage.tables import jobs

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")


async def take_in(house: House, job: Job, operation: Operation) -> None:
    """Give the operation to its job, or stop it. `job` is as it was when the order went out."""

    def adopt(connection: Connection) -> bool:
        same_intent = (jobs.c.id == job.id) & (jobs.c.intent_seq == job.intent_seq)
        nothing_else = jobs.c.operation.is_(None) & jobs.c.due.is_not(None)
        clock = house.records.now(connection)
        adopted = (
            update(jobs)
            .where(same_intent, nothing_else)
            .values(
                stage="poll",
                status="in_progress",
                operation=encode(operation),
                intent_at=None,
                due=clock,
                lease_owner=None,
                lease_until=None,
                fence=jobs.c.fence + 1,  # whoever looks for it meanwhile drops what it finds
                attempt=0,
            )
        )
        return bool(connection.execute(adopted).rowcount)

    if await house.records.write(adopt):
        _log.warning("job %s went on with an operation that was late", job.id)
        return
    now = await house.ledger.get(job.id)
    if now is not None and now.operation == operation:
        return
    _log.warning(
        "an operation of job %s at %s is nobody's; it is being stopped: %s",
        job.id, job.engine, dict(operation.detail),
    )  # fmt: skip
    try:
        await house.engines.get(job.engine).cancel(operation)
    except Exception as error:
        _log.warning("it could not be stopped, and may be paid for: %s", error)
