"""That the work has begun, told to a job's own webhook where its dialect tells of it."""

from __future__ import annotations

from mutoscope.dialects.all import NAMES, dialect
from mutoscope.jobs.job import Job

STARTED = "video.started"


def told_of_start(job: Job) -> str | None:
    """The event of a job that was waiting until now; None where nobody is to be told."""
    if job.status != "queued" or job.webhook_url is None or job.dialect not in NAMES:
        return None
    return STARTED if dialect(job.dialect).told_of_start else None
