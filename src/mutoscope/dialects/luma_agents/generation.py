"""A job → the Generation object on the wire: the SDK's fields, and beside them what this house adds."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.dialects.luma.generation import iso, reason
from mutoscope.dialects.luma_agents.asking import NAMES
from mutoscope.dialects.shared.film import content_path
from mutoscope.dialects.shared.naming import on_the_wire
from mutoscope.dialects.shared.told import Sign, model, progress
from mutoscope.jobs.job import Job, Notice

STATES = {"queued": "queued", "completed": "completed", "failed": "failed"}  # the rest: processing
KEPT = "luma_type"  # where `asked` has the type
#: Kind of a job of another dialect's → its type here.
TYPES = {"edit": "video_edit", "remix": "video_edit", "reframe": "video_reframe"}
#: This house's code of a failure → the vendor's; the rest: generation_failed.
FAILURES = {
    "moderation_blocked": "content_moderated",
    "too_large": "image_too_large",
    "unsupported_media_type": "unsupported_format",
    "invalid_image": "corrupt_input",
    "invalid_video": "corrupt_input",
    "invalid_base64": "corrupt_input",
    "empty_file": "corrupt_input",
    "content_expired": "output_not_found",
    "not_found": "output_not_found",
    "rate_limit_exceeded": "rate_limited",
    "too_many_requests": "rate_limited",
    **dict.fromkeys(
        (
            "invalid_value", "invalid_type", "invalid_url", "address_refused", "unreachable",
            "not_supported", "outside_contract", "missing_required_parameter", "model_not_found",
            "contradicting_fields",
        ),
        "invalid_request",
    ),
}  # fmt: skip


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A film, by a link that opens without a key."""

    type: str = "video"
    url: str


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """The service's Generation object; `progress` (0 to 100), `warnings` and `report` are additions."""

    id: str
    created_at: str
    model: str
    state: str
    type: str
    failure_code: str | None
    failure_reason: str | None
    output: list[Output]
    progress: int
    warnings: tuple[Notice, ...] | UnsetType = UNSET
    report: dict[str, Any] | UnsetType = UNSET


def generation(job: Job, sign: Sign) -> Generation:
    """The job as its clients see it. Pure but for the link, which `sign` makes where there is a film."""
    result = job.result
    done = job.status == "completed" and result is not None
    return Generation(
        id=job.id,
        created_at=iso(job.created),
        model=model(job),
        state=STATES.get(job.status, "processing"),
        type=job.asked.get(KEPT) or TYPES.get(job.kind, "video"),
        failure_code=failure(job),
        failure_reason=reason(job),
        output=[Output(url=sign(content_path(job)))] if done else [],
        progress=progress(job),
        warnings=on_the_wire(job.warnings, NAMES) or UNSET,
        report=(result.report or UNSET) if result is not None else UNSET,
    )


def failure(job: Job) -> str | None:
    """The vendor's code for why a job failed."""
    if job.status != "failed" or job.error is None:
        return None
    return FAILURES.get(job.error.code, "generation_failed")
