"""What every dialect tells of a job, in the parts that are the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from mutoscope.catalog.load import bare
from mutoscope.dialects.shared.film import content_path
from mutoscope.dialects.shared.naming import WIRE, on_the_wire
from mutoscope.jobs.job import Job, Notice

#: The path of a job's content → a signed link to it.
Sign = Callable[[str], str]
#: The most characters of a header that proxies on the way surely pass on.
MOST_HEADER = 3000


def seconds(length: float) -> str:
    """A length as text: "8", or "8.5"; milliseconds at the finest."""
    return f"{round(length, 3):.15g}"


def progress(job: Job) -> int:
    """Per cent, whole: 100 exactly when the film is there."""
    if job.status == "completed":
        return 100
    return min(99, max(0, int(job.progress * 100 + 1e-6)))


def model(job: Job) -> str:
    """The model as its request named it: a vendor before a slash was added here."""
    return str(job.asked.get("model") or bare(job.model))


def warning_header(notices: Iterable[Notice], names: Mapping[str, str] = WIRE) -> str:
    """Notices as JSON in ASCII, without their messages where these are too long for a header, else
    their number alone."""
    full = [
        {"code": one.code, "field": one.field, "message": one.message}
        for one in on_the_wire(notices, names)
    ]
    bare = [{"code": one["code"], "field": one["field"]} for one in full]
    for shown in (full, bare):
        text = json.dumps(shown, ensure_ascii=True, separators=(",", ":"))
        if len(text) <= MOST_HEADER:
            return text
    return str(len(full))


__all__ = ["Sign", "content_path", "model", "progress", "seconds", "warning_header"]
