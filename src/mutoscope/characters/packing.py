"""A character into one file, with all its media. See `packed`."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import IO

import msgspec

from mutoscope.characters.model import Character, Origin
from mutoscope.characters.packed import (
    ENDING,
    ENDINGS,
    FORMAT,
    MANIFEST,
    VERSION,
    Manifest,
    Member,
    PackedConsent,
    PackedFrame,
    PackedOrigin,
)
from mutoscope.errors import BadInput
from mutoscope.shot import Media
from mutoscope.storage.media import MediaStore

_WHEN = (1980, 1, 1, 0, 0, 0)  # the first time a ZIP knows: no clock in the bytes


def pack(one: Character, media: MediaStore, out: Path | IO[bytes]) -> None:
    """Write the character to `out`. BadInput where it is not ready, MediaMissing where a file of it is
    gone."""
    if one.status != "ready":
        raise BadInput(
            f"character '{one.name}' is {one.status}; it can be exported once it is ready",
            code="character_not_ready",
        )
    members: dict[str, Media] = {}
    manifest = _manifest(one, members)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        archive.writestr(_info(MANIFEST), text)
        for name, medium in members.items():
            with media.open(medium) as file, archive.open(_info(name, medium.length), "w") as into:
                shutil.copyfileobj(file, into, 1 << 20)


def filename(one: Character) -> str:
    """A name for the file: the character's, as far as file systems take it."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in one.name)
    return (kept.strip("-") or "character") + ENDING


def _manifest(one: Character, members: dict[str, Media]) -> Manifest:
    def held(room: str, medium: Media, number: int | None = None) -> str:
        ending = ENDINGS.get(medium.type, "bin")
        name = f"{room}.{ending}" if number is None else f"{room}/{number}.{ending}"
        members[name] = medium
        return name

    origin = one.origin or Origin(kind="upload")
    first = origin.of if origin.kind == "import" and origin.of is not None else origin
    source = None if one.source is None else held("source", one.source)
    pictures = tuple(held("pictures", each, place) for place, each in enumerate(first.pictures))
    frames = tuple(
        PackedFrame(
            picture=held("frames", frame.media, place),
            cutout=held("cutouts", frame.matte, place),
            at=frame.at,
            box=frame.box,
            cut=frame.cut,  # type: ignore[arg-type]
            sharpness=frame.sharpness,
            exposure=frame.exposure,
            whole=frame.whole,
            steady=frame.steady,
            score=frame.score,
            faces=frame.faces,
        )
        for place, frame in enumerate(one.frames)
    )
    return Manifest(
        format=FORMAT,  # type: ignore[arg-type]
        version=VERSION,
        name=one.name,
        description=one.description,
        consent=None
        if one.consent is None
        else PackedConsent(**msgspec.structs.asdict(one.consent)),
        origin=PackedOrigin(
            kind=first.kind,
            url=first.url,
            job=first.job,
            filenames=first.filenames,
            part=first.part,
            left_out=first.left_out,
        ),
        source=source,
        pictures=pictures,
        frames=frames,
        members={
            name: Member(sha256=each.sha256, type=each.type, length=each.length)
            for name, each in members.items()
        },
    )


def _info(name: str, length: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _WHEN)
    info.create_system, info.external_attr, info.file_size = 3, 0o100644 << 16, length
    return info
