"""The takes of a request → the operation on the wire. Pure but for what `video` makes of a film."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mutoscope.dialects.gemini.operation import stamp
from mutoscope.dialects.google.operation import Standing, standing
from mutoscope.dialects.vertex.asking import USER
from mutoscope.jobs.job import Job

TYPES = "type.googleapis.com/cloud.ai.large_models.vision."
#: A finished job and its place among the takes → its film's bytes, or where they are.
Video = Callable[[Job, int], Mapping[str, str]]


def operation(name: str, takes: Sequence[Job], video: Video) -> dict[str, Any]:
    """The operation: `done` and what it came to where it has ended; `metadata` holds what this house has
    to say of it."""
    state = standing(takes)
    shown: dict[str, Any] = {"name": name, "metadata": _metadata(takes, state)}
    if not state.done:
        return shown
    shown["done"] = True
    if state.error is not None:
        return shown | {"error": state.error}
    order = {job.id: number for number, job in enumerate(takes)}
    films = [dict(video(job, order[job.id])) for job in state.films]
    return shown | {
        "response": {
            "@type": f"{TYPES}GenerateVideoResponse",
            "raiMediaFilteredCount": len(state.filtered),
            **({"raiMediaFilteredReasons": list(state.filtered)} if state.filtered else {}),
            "videos": films,
        }
    }


def _metadata(takes: Sequence[Job], state: Standing) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "@type": f"{TYPES}GenerateVideoMetadata",
        "progressPercent": state.progress,
        "createTime": stamp(takes[0].created),
    }
    asked = takes[0].asked
    for name, wire in (("labels", "labels"), (USER, "userMetadata")):
        if asked.get(name):
            shown[wire] = asked[name]
    if state.warnings:
        shown["warnings"] = state.warnings
    if state.failed:
        shown["failed"] = state.failed
    reports = [job.result.report for job in state.films if job.result is not None]
    if reports:
        shown["report"] = reports[0] if len(reports) == 1 else reports
    return shown
