"""What is asked for of a finished generation: upscale, and sound. Pure: the job was looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mutoscope.catalog.sizes import parse_size
from mutoscope.dialects.luma import sizes
from mutoscope.dialects.luma.asking import CALLBACK, job_of, prompt, type_field
from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.references import VideoId
from mutoscope.dialects.shared.table import Field, read
from mutoscope.dialects.shared.told import model
from mutoscope.dialects.shared.wish import Picture, Wish
from mutoscope.direction.model import Direction
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Job, Notice
from mutoscope.shot import Role, Size

ENGINE = "flipbook"  # what changes a film's own frames, whoever made them
ANEW = "the film is filmed anew from its pictures at {size}: what is finer in it was in them"
RESAMPLED = "the film's own frames are resampled to {size}: no detail is added"
#: Resolutions to go up by where a request names none.
STEPS = (720, 1080, 2160)

UPSCALE_FIELDS: dict[str, Field] = {
    "generation_type": type_field("upscale_video"),
    "resolution": Field("other size", sizes.resolution, "the short side of the Shot's `size`"),
    "callback_url": CALLBACK,
}
AUDIO_FIELDS: dict[str, Field] = {
    "generation_type": type_field("add_audio"),
    "prompt": Field("other direction", prompt, "the sound of the Shot's `direction`"),
    "negative_prompt": Field("shot.negative_prompt", fields.words),
    "callback_url": CALLBACK,
}


@dataclass(frozen=True, slots=True)
class Again:
    """The wish, and what the job shows of the generation that it comes from."""

    wish: Wish
    asked: dict[str, Any] = field(default_factory=dict)


def upscale(body: Mapping[str, Any], job: Job, *, here: bool) -> Again:
    """A generation at a higher resolution. `here`: an engine of this server films it, so it can be filmed
    again. BadInput where it is as large already."""
    got = read(UPSCALE_FIELDS, body)
    now = film_size(job)
    have = min(now.width, now.height)
    short = got.other.get("resolution") or next((one for one in STEPS if one > have), 2 * have)
    if short <= have:
        raise BadShot.of("resolution", f"{short}p", f"above the film's own, which is {now}")
    size = sizes.larger(now, short)
    shot: dict[str, Any] = {"size": size, **got.shot}
    pictures = job.shot is not None and any(one.role is not Role.SOURCE for one in job.shot.anchors)
    if here and pictures:
        # under the engine's own name: no vendor has a contract for being filmed again
        shot = {"model": job.engine} | shot
        how = Notice(code="filmed_anew", field="resolution", message=ANEW.format(size=size))
        wish = Wish(
            operation="remix",
            shot=shot,
            original=job.id,
            notices=(how, *got.notices),
            **job_of(got),
        )
        return Again(wish, {"model": model(job)})
    how = Notice(code="resampled", field="resolution", message=RESAMPLED.format(size=size))
    return _edited(job, shot, (how, *got.notices), job_of(got))


def audio(body: Mapping[str, Any], job: Job) -> Again:
    """A generation with sound; its frames stay as they are."""
    got = read(AUDIO_FIELDS, body)
    said = got.other.get("prompt", "")
    seconds = job.result.seconds if job.result is not None else 5.0
    shot = got.shot | {
        "sound": True,
        "prompt": said or str(job.asked.get("prompt") or ""),
        "direction": Direction(seconds=seconds, sound=(said,) if said else ()),
    }
    return _edited(job, shot, got.notices, job_of(got))


def film_size(job: Job) -> Size:
    """The film's size, or what was asked for."""
    if job.result is not None:
        return parse_size(job.result.size)
    return job.shot.size if job.shot is not None else Size(1280, 720)


def _edited(
    job: Job, shot: dict[str, Any], notices: tuple[Notice, ...], run: dict[str, Any]
) -> Again:
    film = Picture(source=VideoId(job.id), field="id", role=Role.SOURCE)
    wish = Wish(operation="edit", shot={"model": ENGINE} | shot, clip=film, notices=notices, **run)
    return Again(wish, {"model": model(job)})
