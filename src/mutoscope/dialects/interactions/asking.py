"""A request of the Interactions API → a `Wish`, and how its answer is wanted. Pure: nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mutoscope.dialects.google import shape
from mutoscope.dialects.google.naming import SIZED, camel
from mutoscope.dialects.google.said import bucket, labels
from mutoscope.dialects.interactions import contents, roles
from mutoscope.dialects.interactions.roles import PREVIOUS, TASK, TASKS
from mutoscope.dialects.shared import extras, fields, table
from mutoscope.dialects.shared.naming import WIRE
from mutoscope.dialects.shared.references import link
from mutoscope.dialects.shared.table import Field, Read
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Job
from mutoscope.shot import Size

INLINE, URI = "inline", "uri"
BUCKET, METADATA = "response_format.gcs_uri", "webhook_config.user_metadata"
_DURATION = re.compile(r"\d{1,6}(\.\d{1,9})?s", re.ASCII)
_SHAPE, _SHARP = "response_format.aspect_ratio", "response_format.resolution"


def duration(field: str, value: object) -> float:
    """Seconds of a protobuf Duration in JSON: "8s"."""
    if isinstance(value, str) and _DURATION.fullmatch(value) and float(value[:-1]) > 0:
        return float(value[:-1])
    raise BadShot.of(field, value, 'a length as a string that ends in s, such as "8s"')


def task(field: str, value: object) -> str:
    """One of TASKS; the name of an enumeration's value, TEXT_TO_VIDEO, is the same."""
    said = fields.words(field, value).lower()
    if said not in TASKS:
        raise BadShot.of(field, value, ", ".join(TASKS))
    return said


def delivery(field: str, value: object) -> str:
    """How the film is wanted."""
    said = fields.words(field, value).lower()
    if said not in (INLINE, URI):
        raise BadShot.of(field, value, f'"{INLINE}" or "{URI}"')
    return said


def video(field: str, value: object) -> str:
    """What is wanted: a video, for nothing else is made here."""
    for one in value if isinstance(value, list) else [value]:
        if fields.words(field, one).lower() != "video":
            raise BadShot.of(field, one, '"video": this server makes films and nothing else')
    return "video"


def receiver(field: str, value: object) -> str:
    """The one address of a list that hears of the end."""
    if not (isinstance(value, list) and len(value) == 1):
        raise BadShot.of(field, value, "a list of one address")
    return extras.address(field, link(f"{field}[0]", value[0]))


def metadata(field: str, value: object) -> dict[str, Any]:
    """Whatever a program wants to have back."""
    if not isinstance(value, dict):
        raise fields.wrong_type(field, "an object", value)
    return value


def text(field: str, value: object) -> str:
    """Text that is there: an empty string counts as left out."""
    return fields.words(field, value)


_UNHEARD = "what should happen belongs into the input"
FIELDS: dict[str, Field] = {
    "model": Field("shot.model", fields.words),
    "input": Field("other", says="the prompt, and pictures and films with a role"),
    PREVIOUS: Field("other", text, "the film that is changed (remix), gone on from or made larger"),
    "response_format.type": Field("other", video, "only video"),
    _SHAPE: Field("other", shape.ratio, "Shot: `size`, with the resolution"),
    _SHARP: Field("other", shape.lines, "Shot: `size`, with the shape"),
    "response_format.duration": Field("shot.seconds", duration),
    "response_format.delivery": Field("other", delivery, "the film in the answer, or its address"),
    BUCKET: Field("other", bucket, "where the film is copied to, by `storage.gcs`"),
    "generation_config.seed": Field("shot.seed", fields.whole),
    TASK: Field("other", task, "what is made: a film of pictures, an edit, extension or reframing"),
    "background": Field("other", fields.flag, "the answer does not wait for the film"),
    "stream": Field("other", fields.flag, "server-sent events"),
    "store": Field("other", fields.flag, "false: the film is deleted once it was answered inline"),
    "webhook_config.uris": Field("job.webhook_url", receiver),
    METADATA: Field("other", metadata, "sent with the webhook's event"),
    "labels": Field("other", labels, "shown again"),
    "response_modalities": Field("other", video, "only video"),
    "service_tier": Field("", fields.words, "there is one tier", ("standard", "default", "auto")),
    "system_instruction": Field("", says=_UNHEARD),
    "safety_settings": Field("", says="nothing is filtered by these"),
    "tools": Field("", says="there are none here", harmless=([],)),
    "response_mime_type": Field("", says="the film is video/mp4", harmless=("video/mp4",)),
    "cached_content": Field("", says=_UNHEARD),
    "continuation_token": Field("", says="a film is never made in parts"),
    "environment": Field("", says="there are none here"),
    "generation_config.temperature": Field("", says="nothing is drawn by chance but with the seed"),
    "generation_config.top_p": Field("", says="nothing is drawn by chance but with the seed"),
    "generation_config.thinking_level": Field("", says="nothing thinks here"),
    "generation_config.thinking_summaries": Field("", says="nothing thinks here"),
    "generation_config.max_output_tokens": Field("", says="the length is response_format.duration"),
    "generation_config.stop_sequences": Field("", says="the answer has no text"),
}  # fmt: skip
#: The Shot's names of fields → those of a request.
NAMES = WIRE | {
    "seconds": "response_format.duration",
    "size": _SHARP,
    "seed": "generation_config.seed",
    "prompt": "input",
    "anchors": "input",
    "input_reference": "input",
    "anchor.media": "input",
    "source": "input",
    "photo": "input",
    "kind": TASK,
}
_CAMEL = {camel(step): step for name in FIELDS for step in name.split(".") if camel(step) != step}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, read. `bucket` is where the film is copied to, "" where nowhere."""

    wish: Wish
    background: bool = False
    stream: bool = False
    store: bool = True
    delivery: str = INLINE
    bucket: str = ""
    shown: Mapping[str, Any] = field(default_factory=dict)  # labels, user_metadata
    sized: Mapping[str, str] = field(default_factory=dict)  # which field gave the size


def previous(body: Mapping[str, Any]) -> str:
    """The interaction that the request goes on from; "" for none. BadInput."""
    given = body.get(PREVIOUS, body.get(camel(PREVIOUS)))
    return "" if given is None else text(PREVIOUS, given)


def read(body: Mapping[str, Any], before: Job | None = None) -> Asked:
    """`before` is the video of the previous interaction. BadInput where a field is missing, of the wrong
    type, out of bounds, or contradicts another."""
    if body.get("agent") is not None:
        raise BadInput(
            "agent: this server has no agents; it makes films, by model",
            field="agent",
            hint="send model, such as gemini-omni-1.1-flash",
        )
    read = table.read(FIELDS, _plain(body))
    other = read.other
    if "model" not in read.shot:
        raise fields.missing("model", "such as gemini-omni-1.1-flash")
    if "input" not in other:
        raise fields.missing("input", "what should happen, and pictures")
    said = contents.read(other["input"])
    if not (said.prompt.strip() or said.images or said.videos or "direction" in read.shot):
        raise fields.missing("input", "say what should happen")
    cast = roles.assigned(said, other.get(TASK, ""), before.id if before is not None else "")
    background, stream = other.get("background", False), other.get("stream", False)
    store = other.get("store", True)
    if background and not store:
        raise BadInput(
            "store is false and background is true; a film made in the background must be stored",
            field="store",
            code="contradicting_fields",
        )
    return Asked(
        wish=_wish(read, cast, said, _size(other, cast, before)),
        background=background,
        stream=stream,
        store=store,
        delivery=other.get("response_format.delivery", URI if BUCKET in other else INLINE),
        bucket=other.get(BUCKET, ""),
        sized={SIZED: _SHAPE} if _SHAPE in other and _SHARP not in other else {},
        shown={
            name: other[one]
            for name, one in (("labels", "labels"), ("user_metadata", METADATA))
            if other.get(one)
        },
    )


def _wish(read: Read, cast: roles.Roles, said: contents.Contents, size: Size | None) -> Wish:
    shot = dict(read.shot)
    if cast.prompt:
        if shot.get("prompt", cast.prompt) != cast.prompt:
            raise extras.contradiction("input", "prompt", "differ")
        shot["prompt"] = fields.prompt("input", cast.prompt)
    if cast.loop:
        shot.setdefault("loop", True)
    if size is not None and shot.setdefault("size", size) != size:
        raise extras.contradiction("response_format", "size", "differ")
    if shot.get("seed") == -1:  # what many programs send for "any seed"
        del shot["seed"]
    return Wish(
        operation=cast.operation,
        shot=shot,
        pictures=(*cast.pictures, *read.extras.pictures),
        clip=cast.clip,
        original=cast.original,
        notices=(*said.notices, *cast.notices, *read.notices),
        **read.job,
    )


def _size(other: Mapping[str, Any], cast: roles.Roles, before: Job | None) -> Size | None:
    """What is left out is the earlier film's; None where nothing is said."""
    across, sharp = other.get(_SHAPE), other.get(_SHARP)
    if (across or sharp) and before is not None and before.result is not None:
        wide, high = (int(side) for side in before.result.size.split("x"))
        across = across or f"{wide}:{high}"
        sharp = sharp or min(wide, high)
    if cast.operation == "reframe" and sharp is None:
        raise fields.missing(_SHARP, "how large the film is made, such as 1080p")
    return shape.size(across, sharp)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with names in snake_case, a list of one format as that format, and what a client sends
    without meaning anything left out."""
    plain = {_CAMEL.get(name, name): value for name, value in body.items()}
    plain.pop("agent", None)
    if plain.get(PREVIOUS) == "":
        del plain[PREVIOUS]
    form = plain.get("response_format")
    if isinstance(form, list):
        if len(form) != 1:
            raise BadShot.of("response_format", form, "one format, of the type video")
        plain["response_format"] = form[0]
    for name in ("response_format", "generation_config", "webhook_config"):
        if isinstance(inner := plain.get(name), Mapping):
            plain[name] = {_CAMEL.get(key, key): value for key, value in inner.items()}
    config = plain.get("generation_config")
    if isinstance(config, dict) and isinstance(inner := config.get("video_config"), Mapping):
        config["video_config"] = {_CAMEL.get(key, key): value for key, value in inner.items()}
    return plain
