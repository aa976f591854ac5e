"""A character's clip, read once: the best frame of each stretch of time, within bounds.

What is read was sent by strangers: only the containers named here are opened, by their own demuxer, so
that no playlist can name another file, and size, length and work are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from mutoscope.characters.sharpness import exposure, sharpness
from mutoscope.errors import BadInput, Cancelled
from mutoscope.finish.probe import CONTAINERS
from mutoscope.storage.sniff import HEAD, media_type

Rgb = npt.NDArray[np.uint8]  # H×W×3
Grey = npt.NDArray[np.uint8]  # H×W
Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]

MOST_SIDE = 8192  # pixels
MOST_SECONDS = 600.0  # of a clip that are looked at
MOST_FRAMES = 20_000
#: Pixels that are decoded of every frame's; of a clip that has more, key frames alone are read.
MOST_DECODED = 3_000_000_000
#: A kept frame's longer side: what references are good for, and 24 of them fit into 150 MB.
KEPT_SIDE = 1920
LOOKED_AT = 640  # pixels across, of the copy that is judged
STRETCHES = 32


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A frame that was the best of its stretch. `at` in seconds; `clear` is sharpness by exposure;
    `cutout`: the same as RGBA, where a picture was one already."""

    rgb: Rgb
    at: float
    clear: float
    cutout: npt.NDArray[np.uint8] | None = None


def best_of_each_stretch(path: Path, progress: Progress, cancel: Cancel) -> list[Seen]:
    """The clearest frame of each of at most STRETCHES stretches of the clip, in the order of time.

    Raises BadInput for what is no video that can be read, Cancelled where `cancel` says so."""
    kind = demuxer(path)
    held = _Held()
    try:
        with av.open(str(path), format=kind) as container:
            held.stretch = pixel_shape(container)
            for frame, at, done in _frames(container):
                if cancel():
                    raise Cancelled("stopped while the clip was read")
                progress("read", done)
                grey = _small(frame)
                held.offer(frame, at, sharpness(grey) * exposure(grey))
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        if held.count == 0:
            reason = getattr(error, "strerror", None) or str(error)
            raise BadInput(
                f"the clip cannot be read: {reason}; send it as MP4 (H.264), MOV or WebM",
                code="invalid_video",
                field="video",
            ) from None
    if held.count == 0:
        raise BadInput("the clip has no picture in it", code="invalid_video", field="video")
    return held.seen()


def demuxer(path: Path) -> str:
    """The one demuxer of a film's kind, told from its first bytes. Raises BadInput for what is none."""
    with path.open("rb") as file:
        kind = media_type(file.read(HEAD))
    if kind not in CONTAINERS:
        raise BadInput(
            f"a character is made from a video; this is {kind or 'no format that is known here'}; "
            "send MP4, MOV, WebM, MKV or AVI",
            code="invalid_video",
            field="video",
        )
    return CONTAINERS[kind]


def _frames(container: Any) -> Iterator[tuple[Any, float, float]]:
    """(frame, its time in seconds, how far along 0..1) within the bounds."""
    if not container.streams.video:
        raise BadInput("the file has no video track", code="invalid_video", field="video")
    stream = container.streams.video[0]
    width, height = stream.width, stream.height
    if not 0 < max(width, height) <= MOST_SIDE:
        raise BadInput(
            f"the clip is {width}x{height}; at most {MOST_SIDE} pixels a side are read",
            code="invalid_video",
            field="video",
        )
    seconds = float(container.duration or 0) / 1_000_000
    rate = float(stream.average_rate or 25)
    if min(seconds, MOST_SECONDS) * rate * width * height > MOST_DECODED:
        stream.codec_context.skip_frame = "NONKEY"
    stream.thread_type = "AUTO"
    decoded = 0
    for number, frame in enumerate(container.decode(stream)):
        at = float(frame.time) if frame.time is not None else number / rate
        decoded += frame.width * frame.height
        if number >= MOST_FRAMES or at > MOST_SECONDS or decoded > 2 * MOST_DECODED:
            return
        if max(frame.width, frame.height) > MOST_SIDE:
            return
        yield frame, max(0.0, at), min(1.0, at / seconds) if seconds else 0.0


def _small(frame: Any) -> Grey:
    """A grey copy LOOKED_AT pixels across, for judging; a turned clip may stay turned."""
    scale = min(1.0, LOOKED_AT / max(frame.width, frame.height))
    size = (max(2, round(frame.width * scale)), max(2, round(frame.height * scale)))
    small = frame.reformat(*size, format="gray", interpolation=Interpolation.AREA, threads=1)
    return np.asarray(small.to_ndarray(), np.uint8)


def pixel_shape(container: Any) -> float:
    """How much wider than high a pixel is shown; 1 where the file says nothing sensible."""
    aspect = container.streams.video[0].sample_aspect_ratio if container.streams.video else None
    return float(aspect) if aspect and 0.2 < aspect < 5 else 1.0


def kept_upright(frame: Any, stretch: float) -> Rgb:
    """The frame as a person sees it: RGB, its pixels square, turned as its container says, KEPT_SIDE
    pixels at most."""
    width, height = frame.width * max(1.0, stretch), frame.height * max(1.0, 1 / stretch)
    scale = min(1.0, KEPT_SIDE / max(width, height))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    known = frame.colorspace in set(Colorspace)
    space = (
        frame.colorspace
        if known
        else (Colorspace.ITU709 if frame.height >= 700 else Colorspace.ITU601)
    )
    options = {"dst_color_range": ColorRange.JPEG, "interpolation": Interpolation.BICUBIC}
    rgb = frame.reformat(*size, format="rgb24", src_colorspace=space, **options).to_ndarray()
    # the container's angle turns anticlockwise
    turns = round((frame.rotation or 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, turns), np.uint8)


class _Held:
    """The best frame of each stretch; where there would be too many stretches, neighbours join."""

    def __init__(self) -> None:
        self.width = 1 / 12  # seconds
        self.count = 0
        self.stretch = 1.0
        self._best: dict[int, Seen] = {}

    def offer(self, frame: Any, at: float, clear: float) -> None:
        self.count += 1
        place = int(at / self.width)
        known = self._best.get(place)
        if known is not None and known.clear >= clear:
            return
        self._best[place] = Seen(kept_upright(frame, self.stretch), at, clear)
        while len(self._best) > STRETCHES:
            self.width *= 2
            joined: dict[int, Seen] = {}
            for seen in self._best.values():
                into = int(seen.at / self.width)
                if into not in joined or joined[into].clear < seen.clear:
                    joined[into] = seen
            self._best = joined

    def seen(self) -> list[Seen]:
        return [self._best[place] for place in sorted(self._best)]


def shrunk(rgb: Rgb, long_side: int) -> Rgb:
    """At most `long_side` pixels on the longer side, in proportion."""
    height, width = rgb.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
