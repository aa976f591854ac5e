"""Names that vendors give to a job, and back: what follows the "_" of its id is the same in all."""

from __future__ import annotations

OWN = "video_"


def named(id: str, prefix: str) -> str:
    """A job's id under a vendor's prefix: "task_…" of "video_…"."""
    return prefix + id.partition("_")[2]


def job_id(name: str, *prefixes: str) -> str:
    """The job's id that a vendor's name means; another dialect's name for it, or any other text, as it
    is."""
    for prefix in prefixes:
        if name.startswith(prefix):
            return OWN + name.removeprefix(prefix)
    return name
