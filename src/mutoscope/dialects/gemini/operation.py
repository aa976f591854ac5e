"""The takes of a request → the Operation on the wire. Pure but for the links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from mutoscope.dialects.gemini.ids import bare
from mutoscope.dialects.google.operation import Standing, standing
from mutoscope.dialects.shared import told
from mutoscope.dialects.shared.film import content_path
from mutoscope.jobs.job import Job

TYPES = "type.googleapis.com/google.ai.generativelanguage.v1beta."
#: A file's id → its address for download.
Address = Callable[[str], str]
USER = "user_metadata"  # in `Job.asked`: shown again


def name(job: Job) -> str:
    """models/MODEL/operations/ID, with the id of the first take."""
    model = told.model(job).removeprefix("models/")
    return f"models/{model}/operations/{bare(job.take_of or job.id)}"


def operation(takes: Sequence[Job], address: Address, sign: told.Sign) -> dict[str, Any]:
    """The operation: `done` and what it came to where it has ended; `metadata` holds what this house has
    to say of it, for clients keep that as it is."""
    state = standing(takes)
    shown: dict[str, Any] = {"name": name(takes[0]), "metadata": _metadata(takes, state, sign)}
    if not state.done:
        return shown
    shown["done"] = True
    if state.error is not None:
        return shown | {"error": state.error}
    return shown | {
        "response": {
            "@type": f"{TYPES}PredictLongRunningResponse",
            "generateVideoResponse": _response(state, address),
        }
    }


def _response(state: Standing, address: Address) -> dict[str, Any]:
    response: dict[str, Any] = {}
    if state.films:
        response["generatedSamples"] = [
            {"video": {"uri": address(bare(job.id)), "encoding": _type(job)}} for job in state.films
        ]
    if state.filtered:
        response["raiMediaFilteredCount"] = len(state.filtered)
        response["raiMediaFilteredReasons"] = list(state.filtered)
    return response


def _metadata(takes: Sequence[Job], state: Standing, sign: told.Sign) -> dict[str, Any]:
    first = takes[0]
    begun = [job.started for job in takes if job.started]
    ended = [job.ended for job in takes if job.ended]
    shown: dict[str, Any] = {
        "@type": f"{TYPES}PredictLongRunningMetadata",
        "state": _word(state, bool(begun)),
        "progressPercent": state.progress,
        "createTime": stamp(first.created),
    }
    if begun:
        shown["startTime"] = stamp(min(begun))
    if state.done and ended:
        shown["endTime"] = stamp(max(ended))
    if metadata := first.asked.get(USER):
        shown["userMetadata"] = metadata
    if state.warnings:
        shown["warnings"] = state.warnings
    if state.failed:
        shown["failed"] = state.failed
    if state.films:
        results = [job.result for job in state.films if job.result is not None]
        reports = [result.report for result in results]
        shown["report"] = reports[0] if len(reports) == 1 else reports
        shown["videoUrls"] = [sign(content_path(job)) for job in state.films]
    return shown


def _word(state: Standing, begun: bool) -> str:
    if not state.done:
        return "RUNNING" if begun else "PENDING"
    return "FAILED" if state.error is not None else "SUCCEEDED"


def stamp(at: float) -> str:
    """Seconds since 1970 as Google writes a time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _type(job: Job) -> str:
    media = job.result.media.get("video") if job.result is not None else None
    return media.type if media is not None else "video/mp4"
