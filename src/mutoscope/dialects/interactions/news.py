"""What an interaction's own webhook is sent: the service's event, with the interaction's id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from mutoscope.dialects.interactions import interaction as wire
from mutoscope.jobs.job import Job

EVENTS = {"video.completed": "interaction.completed", "video.failed": "interaction.failed"}


def news(job: Job, event: str, sign: Callable[[str], str]) -> bytes:
    """The body of a webhook; `user_metadata` is what the request gave for it."""
    at = job.ended if job.ended is not None else job.created
    data: dict[str, Any] = {"id": wire.interaction_id(job.id), "status": wire.status(job)}
    told: dict[str, Any] = {
        "type": EVENTS.get(event, event),
        "version": "v1",
        "timestamp": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": data,
    }
    if given := job.asked.get(wire.KEPT, {}).get("user_metadata"):
        told["user_metadata"] = given
    return msgspec.json.encode(told)
