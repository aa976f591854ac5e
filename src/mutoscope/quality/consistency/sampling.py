"""A few frames of a film, evenly over its length; a picture is a film of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from mutoscope.errors import BadInput
from mutoscope.finish.probe import CONTAINERS, Probe, probe
from mutoscope.quality.reel import decoded, upright

Rgb = npt.NDArray[np.uint8]  # h×w×3
Alpha = npt.NDArray[np.float32]  # h×w, 0..1

#: A frame's longer side: what faces are told by at film distance, and no more.
SIDE = 1280
#: Films of more frames are not decoded from end to end: the key frame before each place is taken.
MOST_DECODED = 1500


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """`at` in seconds; `rgb` upright, at most SIDE pixels long; `alpha` of a picture that is a cut-out."""

    number: int
    at: float
    rgb: Rgb
    alpha: Alpha | None = None


def sampled(path: Path, count: int) -> Iterator[Frame]:
    """At most `count` frames, one at a time. Raises BadImage or BadInput for what is neither a picture
    nor a film that can be read."""
    about = _probed(path)
    if about.kind == "image":
        from mutoscope.images.decode import open_photo
        from mutoscope.images.transparency import own_cutout

        photo = open_photo(path)
        rgb = photo.thumbnail(SIDE)
        yield Frame(0, 0.0, rgb, own_cutout(photo, rgb.shape[1], rgb.shape[0]))
        return
    found = 0
    frames = (
        _passed(path, about, count) if about.frames <= MOST_DECODED else _sought(path, about, count)
    )
    for number, frame in frames:
        found += 1
        scale = min(1.0, SIDE / max(about.width, about.height))
        size = (max(2, round(about.width * scale)), max(2, round(about.height * scale)))
        at = float(frame.time) if frame.time is not None else number / (about.fps or 25)
        yield Frame(number, at, upright(frame, size))
    if not found:
        raise BadInput(f"{path.name}: no frame of the film can be decoded", field="film")


def _probed(path: Path) -> Probe:
    try:
        return probe(path)
    except BadInput as error:
        if path.name in error.message:
            raise
        raise type(error)(f"{path.name}: {error.message}", field="film", code=error.code) from None


def _places(about: Probe, count: int) -> list[float]:
    """In the middle of each of `count` stretches, in frames."""
    count = max(1, min(count, about.frames))
    return [(place + 0.5) * about.frames / count for place in range(count)]


def _passed(path: Path, about: Probe, count: int) -> Iterator[tuple[int, VideoFrame]]:
    wanted = {int(place) for place in _places(about, count)}
    last = max(wanted)
    for number, frame in enumerate(decoded(path, about)):
        if number in wanted:
            yield number, frame
        if number >= last:
            return


def _sought(path: Path, about: Probe, count: int) -> Iterator[tuple[int, VideoFrame]]:
    """The key frame before each place, each once."""
    with av.open(str(path), format=CONTAINERS[about.type]) as container:
        stream = container.streams.video[0]
        before = -1
        for place in _places(about, count):
            try:
                container.seek(round(place / about.fps * 1_000_000))
                frame = next(container.decode(stream))
            except (av.error.FFmpegError, ValueError, EOFError, StopIteration):
                continue
            number = round(float(frame.time or 0.0) * about.fps)
            if number > before:
                before = number
                yield number, frame
