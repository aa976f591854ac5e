"""What waits for a worker: which stages have something due, and who need not wait for his turn."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job
from mutoscope.jobs.leasing import AT_ONCE
from mutoscope.storage.clock import now
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs


def due_stages(connection: Connection) -> set[str]:
    """The stages in which jobs are due that nobody has."""
    free = jobs.c.lease_until.is_(None) | (jobs.c.lease_until <= now())
    return set(
        connection.execute(
            select(jobs.c.stage).where(jobs.c.due <= now(), free).distinct()
        ).scalars()
    )


async def taken_back(records: Records, owner: str, *, limit: int, lease: float) -> list[Job]:
    """Claim the jobs that wait for anything and are to be cancelled, beside the lanes: nobody waits for
    a slot only to be told that he need not wait. A job that a worker holds is not among them."""

    def waiting(connection: Connection) -> list[str]:
        # whoever asks for the end of a job makes it due at once: the index finds it among thousands
        asked = select(jobs.c.id).where(jobs.c.due <= AT_ONCE, jobs.c.cancel_requested)
        free = jobs.c.lease_until.is_(None) | (jobs.c.lease_until <= records.now(connection))
        return list(connection.execute(asked.where(free).limit(limit)).scalars())

    def claim(connection: Connection) -> list[Job]:
        clock = records.now(connection)
        free = jobs.c.lease_until.is_(None) | (jobs.c.lease_until <= clock)
        taken = (
            update(jobs)
            .where(jobs.c.id.in_(found), jobs.c.due.is_not(None), free)
            .values(
                lease_owner=owner,
                lease_until=clock + lease,
                fence=jobs.c.fence + 1,
                attempt=jobs.c.attempt + 1,
            )
            .returning(*jobs.c)
        )
        return [rows.job(row) for row in connection.execute(taken)]

    found = await records.read(waiting)
    return await records.write(claim) if found else []
