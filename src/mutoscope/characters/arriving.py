"""What was prepared of a character, or came as its file, put into the store."""

from __future__ import annotations

from mutoscope.characters.model import Frame, LeftOut, Origin
from mutoscope.characters.unpacking import Unpacked
from mutoscope.characters.work import Prepared
from mutoscope.shot import Media
from mutoscope.storage.media import MediaStore


def stored(
    found: Unpacked, media: MediaStore, filename: str = ""
) -> tuple[Media | None, tuple[Frame, ...], Origin]:
    """Put what was unpacked into the store: the source, the frames and the origin of the character."""
    manifest = found.manifest
    held = {name: media.put(path) for name, path in found.files.items()}
    frames = tuple(
        Frame(
            media=held[frame.picture],
            matte=held[frame.cutout],
            at=frame.at,
            box=frame.box,
            cut=tuple(frame.cut),
            sharpness=frame.sharpness,
            exposure=frame.exposure,
            whole=frame.whole,
            steady=frame.steady,
            score=frame.score,
            faces=frame.faces,
        )
        for frame in manifest.frames
    )
    first = manifest.origin
    before = Origin(
        kind=first.kind,
        url=first.url,
        job=first.job,
        filenames=first.filenames,
        part=first.part,
        left_out=tuple(LeftOut(picture=one.picture, why=one.why) for one in first.left_out),
        pictures=tuple(held[name] for name in manifest.pictures),
    )
    origin = Origin(
        kind="import",
        filenames=(filename,) if filename else (),
        pictures=before.pictures,
        of=before,
    )
    return held[manifest.source] if manifest.source else None, frames, origin


def prepared_frames(found: Prepared, media: MediaStore) -> tuple[tuple[Frame, ...], Media | None]:
    """The frames, and the part of the film that is kept in place of all of it."""
    clip = None if found.clip is None else media.put(found.clip)
    frames = tuple(
        Frame(
            media=media.put(one.picture),
            matte=media.put(one.cutout),
            at=one.at,
            box=one.box,
            cut=one.cut,
            sharpness=one.sharpness,
            exposure=one.exposure,
            whole=one.whole,
            steady=one.matte,
            score=one.score,
            faces=one.faces,
        )
        for one in found.frames
    )
    return frames, clip
