"""What a caller hands in, taken in: files and bytes become media, words become values."""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from mutoscope.errors import BadImage, BadShot
from mutoscope.shot import Anchor, Media, Region, Role, Size, Track, TrackRole
from mutoscope.storage.sniff import HEAD, media_type

Choice = TypeVar("Choice", bound=StrEnum)


#: What a file of a field is.
WHAT = {"film": "film", "music": "sound file", "voice": "sound file"}


class Inputs:
    """The caller's files under their SHA-256. Bytes lie in a folder that goes with `close`."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def take(self, source: str | Path | bytes, field: str) -> Media:
        """A handle to the file or bytes. Raises BadImage where there is no such file."""
        what = WHAT.get(field, "photograph")
        path = self._written(source) if isinstance(source, bytes) else Path(source)
        try:
            with path.open("rb") as file:
                kind = media_type(file.read(HEAD)) or "application/octet-stream"
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                length = file.tell()
        except FileNotFoundError:
            raise BadImage(f"{path}: no such file; {field} must be a {what}", field=field) from None
        except IsADirectoryError:
            raise BadImage(f"{path} is a folder; {field} must be one {what}", field=field) from None
        except OSError as error:
            raise BadImage(f"{path} cannot be read: {error.strerror}", field=field) from None
        self.files[digest] = path
        return Media(sha256=digest, type=kind, length=length)

    def _written(self, content: bytes) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mutoscope-")
        path = Path(self._folder.name) / str(len(self.files))
        path.write_bytes(content)
        return path

    def close(self) -> None:
        """Remove what was written for bytes."""
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Inputs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def region(words: str, inputs: Inputs) -> Region:
    """The region in "water=MASK.png" or "water=0.4,0.8". Raises BadShot, or BadImage for a mask that
    is not there."""
    kind, equals, place = words.partition("=")
    if not (kind and equals and place):
        allowed = "a kind and a mask or a point, such as water=mask.png or water=0.4,0.8"
        raise BadShot.of("region", words, allowed)
    try:
        across, down = (float(number) for number in place.split(","))
    except ValueError:
        return Region(kind, mask=inputs.take(place, "region"))
    return Region(kind, point=(across, down))


def placed(
    at: Mapping[int | str, str | Path | bytes | None],
    photo: Media | None,
    seconds: float,
    fps: float,
    inputs: Inputs,
) -> list[tuple[Anchor, bool]]:
    """Pictures by the frame that each is to be, 48 or "2s", as anchors, and whether each is the photo
    itself (None). Raises BadShot for what is no time within the clip, BadImage for a picture that is
    not there."""
    if not at:
        return []
    for name, given in (("seconds", seconds), ("fps", fps)):
        if not math.isfinite(given):
            raise BadShot.of(name, str(given), "a number")
    frames = max(1, round(seconds * fps))
    found: dict[int, tuple[Anchor, bool]] = {}
    for when, source in at.items():
        frame = _frame(when, seconds, fps, frames)
        if frame in found:
            raise BadShot.of(
                "at", str(when), f"another frame: two pictures are to be frame {frame}"
            )
        media = photo if source is None else inputs.take(source, "at")
        if media is None:
            raise BadShot(f"frame {frame} is to be the photo, and there is none", field="at")
        found[frame] = Anchor(media=media, role=Role.FRAME, frame=frame), source is None
    if photo is not None and 0 in found and not any(own for _, own in found.values()):
        raise BadShot(
            "two pictures are to be frame 0: the photo itself is frame 0 unless a frame without a "
            "picture (48) says where it stands",
            field="at",
        )
    return list(found.values())


def _frame(when: int | str, seconds: float, fps: float, frames: int) -> int:
    """The number of a frame, or of the one that is nearest to "2s"; the clip's end is its last frame."""
    allowed = f"a frame from 0 to {frames - 1}, or seconds from 0s to {seconds:g}s"
    words = str(when).strip()
    try:
        if not words.endswith("s"):
            frame = int(words)
        elif 0 <= float(words[:-1]) <= seconds:
            frame = min(round(float(words[:-1]) * fps), frames - 1)
        else:
            frame = -1
    except ValueError:
        frame = -1
    if isinstance(when, bool) or not 0 <= frame < frames:
        raise BadShot.of("at", str(when), allowed)
    return frame


def tracks(
    music: str | Path | bytes | None, voice: str | Path | bytes | None, level: float, inputs: Inputs
) -> tuple[Track, ...]:
    """The owner's sound files; `level` is the music's, in dB beside the usual. Raises BadImage for a file
    that is not there, BadShot."""
    found = []
    if music is not None:
        found.append(Track(inputs.take(music, "music"), TrackRole.MUSIC, level))
    if voice is not None:
        found.append(Track(inputs.take(voice, "voice"), TrackRole.VOICE))
    return tuple(found)


def named(choices: type[Choice], field: str, value: str) -> Choice:
    """The member of an enumeration by its value. Raises BadShot that lists them."""
    try:
        return choices(value)
    except ValueError:
        raise BadShot.of(field, str(value), f"one of {', '.join(choices)}") from None


def size_for(size: str | Size | None, photo: Path, short: int | None = None) -> Size:
    """The size by name or WxH; None takes the picture's own shape, `short` pixels on its short side
    where that is given. Raises BadShot or BadImage."""
    if isinstance(size, Size):
        return size
    if size is not None:
        from mutoscope.catalog.sizes import parse_size

        return parse_size(size)
    from mutoscope.images.decode import open_photo
    from mutoscope.images.framing import own_size

    own = own_size(open_photo(photo))
    if short is None or short >= min(own.width, own.height):
        return own
    scale = short / min(own.width, own.height)
    return Size(*(2 * round(side * scale / 2) for side in (own.width, own.height)))


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """`stem.mp4`, or `stem-2.mp4`, ...: the first that is not taken."""
    path, count = folder / f"{stem}{suffix}", 1
    while path.exists():
        count += 1
        path = folder / f"{stem}-{count}{suffix}"
    return path
