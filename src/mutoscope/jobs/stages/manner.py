"""What a job's dialect has of its own, where the job begins and where it ends."""

from __future__ import annotations

from mutoscope.dialects.all import NAMES, dialect
from mutoscope.jobs.job import Job

STARTED = "video.started"


def told_of_start(job: Job) -> str | None:
    """The event of a job that was waiting until now; None where nobody is to be told."""
    if job.status != "queued" or job.webhook_url is None or job.dialect not in NAMES:
        return None
    return STARTED if dialect(job.dialect).told_of_start else None


def remembered(job: Job) -> float:
    """Seconds for which the row of a video that its caller took back stays: its callers still ask for it,
    and are told that it was cancelled."""
    return dialect(job.dialect).remembers if job.dialect in NAMES else 0.0
