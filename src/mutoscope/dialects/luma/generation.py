"""A job → the Generation object on the wire: the SDK's fields, and beside them what this house adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.dialects.luma import sizes
from mutoscope.dialects.luma.asking import NAMES
from mutoscope.dialects.shared.film import content_path
from mutoscope.dialects.shared.naming import on_the_wire
from mutoscope.dialects.shared.told import Sign, model, progress, seconds
from mutoscope.jobs.job import Job, Notice

STATES = {"queued": "queued", "completed": "completed", "failed": "failed"}  # the rest: dreaming
KEPT = "luma"  # where `asked` has the request
MOST_TEXT = 2048  # characters of a text in the request, unless it is the prompt
MOST_MEMBERS = 64  # of an object or a list in it: what nobody reads shall not fill the records


class Assets(msgspec.Struct, frozen=True, kw_only=True):
    """Links that open without a key: the film, and its first frame as a small picture."""

    video: str
    image: str | None = None
    progress_video: str | None = None


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """The service's Generation object; `progress` (0 to 100), `warnings` and `report` are additions."""

    id: str
    generation_type: str = "video"
    state: str
    failure_reason: str | None
    created_at: str
    assets: Assets | None
    model: str
    request: dict[str, Any]
    progress: int
    warnings: tuple[Notice, ...] | UnsetType = UNSET
    report: dict[str, Any] | UnsetType = UNSET


class Generations(msgspec.Struct, frozen=True, kw_only=True):
    """A page of generations."""

    generations: list[Generation]
    count: int
    has_more: bool
    limit: int
    offset: int


def generation(job: Job, sign: Sign) -> Generation:
    """The job as its clients see it. Pure but for the links, which `sign` makes where there is a film."""
    result = job.result
    done = job.status == "completed" and result is not None
    return Generation(
        id=job.id,
        state=STATES.get(job.status, "dreaming"),
        failure_reason=reason(job),
        created_at=iso(job.created),
        assets=_assets(job, sign) if done else None,
        model=model(job),
        request=job.asked.get(KEPT) or _request(job),
        progress=progress(job),
        warnings=on_the_wire(job.warnings, NAMES) or UNSET,
        report=(result.report or UNSET) if result is not None else UNSET,
    )


def page(
    jobs: Iterable[Job], sign: Sign, *, has_more: bool, limit: int, offset: int
) -> Generations:
    """A page, the newest first."""
    found = [generation(job, sign) for job in jobs]
    return Generations(
        generations=found, count=len(found), has_more=has_more, limit=limit, offset=offset
    )


def news(job: Job, event: str, sign: Sign) -> bytes:
    """What the job's callback is sent, at whichever event: the generation as it is by now. A start that a
    receiver took late would else bring a program that follows the callbacks back from the end."""
    return msgspec.json.encode(generation(job, sign))


def reason(job: Job) -> str | None:
    """Why it failed, in a sentence, and how that is mended."""
    if job.status != "failed" or job.error is None:
        return None
    return f"{job.error.message}; {job.error.hint}" if job.error.hint else job.error.message


def kept(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The request as the generation shows it again: pictures that came within it are cut short."""
    shown = {name: value for name, value in body.items() if value is not None}
    return {KEPT: {"generation_type": kind} | _short(shown)}


def iso(at: float) -> str:
    """Seconds since 1970 → "2026-11-21T12:00:00.123Z"."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _assets(job: Job, sign: Sign) -> Assets:
    has = job.result.media if job.result is not None else {}
    image = sign(content_path(job, "thumbnail")) if "thumbnail" in has else None
    return Assets(video=sign(content_path(job)), image=image)


def _request(job: Job) -> dict[str, Any]:
    """What another dialect's request would have been in this one."""
    shown: dict[str, Any] = {"generation_type": "video", "model": model(job)}
    if job.asked.get("prompt"):
        shown["prompt"] = job.asked["prompt"]
    if (shot := job.shot) is not None:
        shape, short = sizes.named(shot.size)
        shown |= {
            "aspect_ratio": shape, "resolution": short, "duration": f"{seconds(shot.seconds)}s",
            "loop": shot.loop,
        }  # fmt: skip
    return shown


def _short(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        some = islice(value.items(), MOST_MEMBERS)
        return {str(key)[:64]: _short(one, str(key)) for key, one in some}
    if isinstance(value, list):
        return [_short(one) for one in value[:MOST_MEMBERS]]
    if isinstance(value, str) and len(value) > MOST_TEXT and name != "prompt":
        return f"{value[:64]}..."
    return value if isinstance(value, str | int | float | bool | None) else str(value)[:64]
