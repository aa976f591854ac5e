"""POST /v1/generate/video: what the vendor routes by a config that was saved there. No configs are kept
here: `configId` is a name that leads to an engine, by `routes.models` in the settings or its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from mutoscope.catalog.load import bare
from mutoscope.dialects.runway import asking, values
from mutoscope.dialects.runway.asking import ROLES
from mutoscope.dialects.runway.errors import NAMES as PLAIN
from mutoscope.dialects.runway.ids import task_id
from mutoscope.dialects.runway.task import Cost
from mutoscope.dialects.shared import fields, table
from mutoscope.dialects.shared.table import Field
from mutoscope.dialects.shared.wish import Operation, Picture, Wish
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Job
from mutoscope.shot import Role

_WITHIN = "input."
NAMES = PLAIN | {
    "model": "configId",
    "prompt": "input.promptText",
    "negative_prompt": "input.negativePrompt",
    "seconds": "input.duration",
    "size": "input.aspectRatio",
    "sound": "input.audio",
    "seed": "input.seed",
    "anchors": "input.referenceImages",
    "anchor.media": "input.referenceImages",
    "input_reference": "input.referenceImages",
    "source": "input.referenceVideos",
}
GENERATE_FIELDS: dict[str, Field] = {
    "configId": Field("shot.model", fields.words, "a name that leads to an engine: no configs are kept"),
    "input.promptText": Field("shot.prompt", fields.prompt),
    "input.aspectRatio": Field("other", values.ratio, "with `resolution`, the Shot's size"),
    "input.resolution": Field("other", values.resolution, "the short side of the Shot's size"),
    "input.duration": Field("other", values.seconds, "the Shot's seconds"),
    "input.seed": Field("shot.seed", fields.whole),
    "input.audio": Field("shot.sound", fields.flag),
    "input.negativePrompt": Field("shot.negative_prompt", fields.words),
    "input.referenceImages": Field("picture: by its role", values.pictures_by_role, "first, last or reference"),
    "input.referenceVideos": Field("picture: by its role", values.films_by_role, "source: the film to edit; or reference"),
    "input.keyframes": Field("picture: reference", values.pictures, "their moments are not kept"),
    "input.referenceAudio": Field("", says="sound is made for the picture, not after other sound", harmless=([],)),
    "input.contentModeration": Field("", says="this server does not moderate", harmless=({}, {"publicFigureThreshold": "auto"})),
}  # fmt: skip


def generate_video(body: Mapping[str, Any]) -> Wish:
    """The wish of a request. BadInput where a field is missing or wrong."""
    read = table.read(GENERATE_FIELDS, body)
    if "model" not in read.shot:
        raise fields.missing("configId", "a model, or an engine of this server: flipbook")
    read = replace(
        read,
        media={name.removeprefix(_WITHIN): value for name, value in read.media.items()},
        other={
            name.removeprefix(_WITHIN).replace("aspectRatio", "ratio"): value
            for name, value in read.other.items()
        },
    )
    pictures = [
        Picture(source=one.source, field=one.field, role=ROLES.get(one.position, Role.REFERENCE))
        for one in read.media.pop("referenceImages", ())
    ]
    clips: list[Picture] = []
    for one in read.media.pop("referenceVideos", ()):
        if one.position == "source":
            clips.append(Picture(source=one.source, field=one.field, role=Role.SOURCE))
        else:
            role = Role.REFERENCE
            pictures.append(Picture(source=one.source, field=one.field, role=role, film=True))
    if len(clips) > 1:
        raise BadInput("one film can be the source, but there are several", field=clips[1].field)
    words = "prompt" in read.shot or "direction" in read.shot
    operation: Operation = "create" if not clips else "edit" if words else "reframe"
    if not words and not (pictures or clips or read.extras.pictures):
        raise fields.missing("input.promptText")
    return asking.wish(operation, read, pictures=tuple(pictures), clip=clips[0] if clips else None)


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken where the request named nothing."""

    duration: float
    ratio: str
    resolution: str


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The vendor's; nothing is weighed here, the name decides."""

    optimize_for: str = "quality"
    price_ceiling: None = None


class Routing(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which engine films it: `provider` is the engine."""

    config_id: str
    estimated_cost: Cost
    model: str
    provider: str
    resolved_input: Input
    resolved_settings: Settings = Settings()


class Generated(msgspec.Struct, frozen=True, kw_only=True):
    """What the POST answers."""

    id: str
    routing: Routing


def generated(job: Job, credits: float) -> Generated:
    """What is told of a job that was just made."""
    shot, model = job.shot, bare(job.model)
    size = shot.size if shot is not None else None
    return Generated(
        id=task_id(job.id),
        routing=Routing(
            config_id=model,
            estimated_cost=Cost(credits),
            model=model,
            provider=job.engine,
            resolved_input=Input(
                duration=shot.seconds if shot is not None else 0.0,
                ratio=f"{size.width}:{size.height}" if size is not None else "",
                resolution=f"{min(size.width, size.height)}p" if size is not None else "",
            ),
        ),
    )
