"""Jobs as values, for the tests of what Google's dialects tell of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mutoscope.jobs.job import Job, Result
from mutoscope.shot import Media

FILM = Media("a" * 64, "video/mp4", 10)


def job(id: str, *, size: str = "1280x720", **more: Any) -> Job:
    """A finished film's job, or whatever `more` makes of it."""
    result = Result(
        media={"video": FILM}, size=size, seconds=8.0, fps=24.0, frames=192, engine="flipbook"
    )
    made = Job(
        id=id, object="video", project="p", key_id=None, dialect="interactions", kind="create",
        model="gemini-omni-1.1-flash", engine="flipbook", status="completed", stage="deliver",
        due=None, priority=0, deadline=None, lease_owner=None, lease_until=None, fence=0, attempt=0,
        cancel_requested=False, intent_at=None, intent_seq=0, account=None, operation=None,
        progress=1.0, expected_end=None, shot=None, asked={"prompt": "a cat"}, work={},
        result=result, error=None, warnings=(), parent=None, batch=None, idempotency_key=None,
        fingerprint=None, webhook_url=None, created=1000.7, started=1001.0, ended=1010.9,
        expires=2000.2,
    )  # fmt: skip
    return replace(made, **more)
