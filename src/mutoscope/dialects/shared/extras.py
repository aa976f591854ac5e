"""The fields that this house takes in every dialect, by the names of the OpenAI dialect's requests.

Some are that API's own, the rest are extras that programs send; a vendor's dialect reads its own fields
first and hands what it does not know to `read`. Whatever nobody knows is named in a notice.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mutoscope.dialects.shared import fields, references
from mutoscope.dialects.shared.wish import Picture
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Fit, Role

Reader = Callable[[str, Any], Any]

#: wire field → field of the Shot, and how it is read. Two names for one field must agree.
SHOT: dict[str, tuple[str, Reader]] = {
    "model": ("model", fields.words),
    "prompt": ("prompt", fields.prompt),
    "seconds": ("seconds", fields.seconds),
    "duration": ("seconds", fields.seconds),
    "size": ("size", fields.size),
    "fps": ("fps", fields.number),
    "seed": ("seed", fields.whole),
    "loop": ("loop", fields.flag),
    "sound": ("sound", fields.flag),
    "fit": ("fit", lambda name, value: fields.choice(name, value, Fit)),
    "pad_colour": ("pad_colour", fields.words),
    "pad_color": ("pad_colour", fields.words),
    "quality": ("quality", fields.quality),
    "negative_prompt": ("negative_prompt", fields.words),
    "direction": ("direction", fields.direction),
    "characters": ("cast", fields.names),
}
#: wire field → field of the Wish: how the job is run.
JOB: dict[str, tuple[str, Reader]] = {
    "strict": ("strict", fields.flag),
    "webhook_url": ("webhook_url", references.link),
    "priority": ("priority", fields.whole),
    "deadline": ("deadline", fields.number),
}
#: wire field → how a picture or clip is read.
MEDIA: dict[str, Reader] = {
    "input_reference": references.picture,
    "image_url": references.link,
    "image_data": references.data,
    "first_frame": references.picture,
    "last_frame": references.picture,
    "reference_video": references.clip,
}
#: The names of the one picture that the service took.
FIRST = ("input_reference", "image_url", "image_data", "first_frame")
#: What belongs to that picture, or to `reference_video`.
BESIDE: dict[str, Reader] = {
    "influence_strength": fields.fraction,
    "crop_bounds": fields.crop,
    "frame_index": fields.whole,
}
MOST_PRIORITY = 100
ALL = (*SHOT, *JOB, *MEDIA, *BESIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What was read: fields of the Shot, fields of the Wish, pictures, and notices of unknown fields."""

    shot: dict[str, Any]
    job: dict[str, Any]
    pictures: tuple[Picture, ...] = ()
    notices: tuple[Notice, ...] = ()


def read(sent: Mapping[str, Any], own: Iterable[str] = ()) -> Extras:
    """The extras among fields that a vendor's dialect does not know. `own`: that dialect's names, for
    the hint beside an unknown one. BadInput for a value that is wrong."""
    given = {name: value for name, value in sent.items() if value is not None}
    strange = [name for name in given if name not in ALL]
    for name in MEDIA:
        if name in given:
            strange += references.unknown_within(name, given[name])
    known = [*own, *ALL]
    return Extras(
        shot=shot(given),
        job=job(given),
        pictures=pictures(given),
        notices=tuple(unknown(name, known) for name in strange),
    )


def shot(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The Shot's fields among those sent."""
    read: dict[str, Any] = {}
    came: dict[str, str] = {}
    for name, (target, reader) in SHOT.items():
        if name not in sent:
            continue
        value = reader(name, sent[name])
        if target in read and read[target] != value:
            raise contradiction(came[target], name, f"are {read[target]:g} and {value:g}" if target == "seconds" else "differ")  # fmt: skip
        read[target], came[target] = value, name
    if read.get("seed") == -1:  # what many programs send for "any seed"
        del read["seed"]
    return read


def job(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What among the fields says how the job is run."""
    read = {
        target: reader(name, sent[name]) for name, (target, reader) in JOB.items() if name in sent
    }
    if abs(read.get("priority", 0)) > MOST_PRIORITY:
        raise BadShot.of(
            "priority", read["priority"], f"a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY}"
        )
    if read.get("deadline", 1.0) <= 0:
        raise BadShot.of(
            "deadline", read["deadline"], "seconds from now, or a time in seconds since 1970"
        )
    if "webhook_url" in read:
        read["webhook_url"] = address("webhook_url", read["webhook_url"])
    return read


def address(field: str, link: references.Reference) -> str:
    """The http(s) address of a link. BadShot for a data URL."""
    if not isinstance(link, references.Address):
        raise BadShot(
            f"{field} is a data URL; it must be an http:// or https:// address", field=field
        )
    return link.url


def pictures(sent: Mapping[str, Any]) -> tuple[Picture, ...]:
    """The pictures and the reference video among the fields, with what is said of them."""
    given = [name for name in FIRST if name in sent]
    if len(given) > 1:
        raise contradiction(given[0], given[1], "each give the first picture")
    beside = {name: reader(name, sent[name]) for name, reader in BESIDE.items() if name in sent}
    strength = beside.get("influence_strength", 1.0)
    film = "reference_video" in sent
    if beside and not given and not (film and set(beside) <= {"influence_strength"}):
        name = next(iter(beside))
        raise BadShot(
            f"{name} is given, but there is no picture that it could belong to",
            field=name,
            hint="send input_reference too",
        )
    found: list[Picture] = []
    for name in given:
        several = sent[name] if isinstance(sent[name], list) and name == "input_reference" else None
        for place, one in enumerate(several if several is not None else [sent[name]]):
            at = f"{name}[{place}]" if several is not None and len(several) > 1 else name
            found.append(
                Picture(
                    source=MEDIA[name](at, one),
                    field=at,
                    **role(beside.get("frame_index"), alone=several is None or len(several) == 1),
                    strength=1.0 if film else strength,
                    crop=beside.get("crop_bounds"),
                )
            )
    if "last_frame" in sent:
        last = MEDIA["last_frame"]("last_frame", sent["last_frame"])
        found.append(Picture(source=last, field="last_frame", role=Role.LAST_FRAME))
    if film:
        source = MEDIA["reference_video"]("reference_video", sent["reference_video"])
        found.append(
            Picture(
                source=source,
                field="reference_video",
                role=Role.REFERENCE,
                strength=strength,
                film=True,
            )
        )
    return tuple(found)


def strength(sent: Mapping[str, Any]) -> float:
    """How closely a clip is kept to, 0 to 1, where it is not a picture's to say."""
    name = "influence_strength"
    return float(BESIDE[name](name, sent[name])) if name in sent else 1.0


def role(frame: int | None, *, alone: bool = True, field: str = "frame_index") -> dict[str, Any]:
    """Role and frame of a picture by its `frame_index`: -1 is the last frame, 0 the first. Without one
    the service's single picture was the first frame; several are references."""
    if frame is None:
        return {"role": Role.FIRST_FRAME if alone else Role.REFERENCE}
    if not alone:
        raise BadShot(f"{field} places one picture, but there are several", field=field)
    if frame == -1:
        return {"role": Role.LAST_FRAME}
    if frame < 0:
        raise BadShot.of(field, frame, "the frame's number from 0, or -1 for the last frame")
    return {"role": Role.FRAME, "frame": frame} if frame else {"role": Role.FIRST_FRAME}


def unknown(name: str, known: Iterable[str]) -> Notice:
    """The notice of a field that nothing here reads."""
    shown = name if len(name) <= 80 else f"{name[:80]}..."
    near = difflib.get_close_matches(name[:80], list(known), n=1, cutoff=0.75)
    mend = f"; did you mean {near[0]}?" if near else ""
    return Notice(
        code="unknown_field",
        field=shown,
        message=f"{shown} is not known here and was left out{mend}",
    )


def contradiction(first: str, second: str, how: str) -> BadInput:
    """Two fields that cannot both hold."""
    return BadInput(
        f"'{first}' and '{second}' {how}; send one of them",
        field=second,
        code="contradicting_fields",
    )
