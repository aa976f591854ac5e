"""A film read for measuring: all of its frames small, its first and its last as they are.

What is held is bounded whatever the film's length: a longer film is read smaller, and of a very long
one the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from mutoscope.errors import BadInput
from mutoscope.finish.probe import CONTAINERS, Probe, probe

Rgb = npt.NDArray[np.uint8]  # h×w×3
Frames = npt.NDArray[np.uint8]  # n×h×w×3, RGB

#: Bytes of small frames that are held, and the long sides that they may have, the largest first.
HELD = 384 << 20
SIDES = (640, 480, 320, 240, 160)
EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class Reel:
    """`frames` are upright copies, at most `SIDES[0]` pixels on the long side; `first` and `last` are as
    large as the film. `times` are seconds from the first frame. `whole`: the film has no more frames."""

    path: Path
    frames: Frames
    first: Rgb
    last: Rgb
    times: npt.NDArray[np.float64]
    fps: float
    has_sound: bool
    whole: bool = True

    @property
    def width(self) -> int:
        return int(self.first.shape[1])

    @property
    def height(self) -> int:
        return int(self.first.shape[0])

    @property
    def seconds(self) -> float:
        return len(self.frames) / self.fps


def reel(path: Path, held: int = HELD) -> Reel:
    """Read the film at `path`, holding about `held` bytes. Raises BadInput, one sentence, for what is
    no film or is damaged."""
    try:
        about = probe(path)
    except BadInput as error:
        if str(path.name) in error.message:
            raise
        raise BadInput(f"{path.name}: {error.message}", field="film", code=error.code) from None
    if about.kind != "video":
        raise BadInput(
            f"{path.name} is a picture; measure takes a film (MP4, MOV, WebM)", field="film"
        )
    size, most = _room(about, held)
    kept = np.empty((min(about.frames + 2, most), size[1], size[0], 3), np.uint8)
    first = last = None
    times: list[float] = []
    for frame in decoded(path, about):
        if len(times) == len(kept):
            if len(times) >= most:
                break
            kept = np.concatenate([kept, np.empty_like(kept[: max(8, len(kept) // 4)])])[:most]
        small = upright(frame, size)
        kept[len(times)] = small
        if first is None:
            first = upright(frame, (about.width, about.height))
        last = frame
        times.append(float(frame.time or 0.0))
    if first is None or last is None:
        raise BadInput(f"{path.name}: no frame of the film can be decoded", field="film")
    return Reel(
        path=path,
        frames=kept[: len(times)],
        first=first,
        last=upright(last, (about.width, about.height)),
        times=_clock(times, about.fps),
        fps=about.fps,
        has_sound=about.has_sound,
        whole=len(times) < most,
    )


def _room(about: Probe, held: int) -> tuple[tuple[int, int], int]:
    """The small frames' size, and how many of them there is room for."""
    size = (2, 2)
    for side in SIDES:
        size = _within(about.width, about.height, side)
        if (about.frames + 2) * 3 * size[0] * size[1] <= held:
            break
    return size, max(2, held // (3 * size[0] * size[1]))


def _within(width: int, height: int, side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(width, height))
    return max(2, round(width * scale)), max(2, round(height * scale))


def _clock(times: list[float], fps: float) -> npt.NDArray[np.float64]:
    """Seconds from the first frame; by the rate where the film's own stamps do not ascend."""
    own = np.asarray(times) - times[0]
    if len(own) > 1 and (np.diff(own) <= 0).any():
        own = np.arange(len(own)) / fps
    return own


def decoded(path: Path, about: Probe) -> Iterator[VideoFrame]:
    """The film's frames as the decoder gives them, up to where it ends or breaks off."""
    with av.open(str(path), format=CONTAINERS[about.type]) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        try:
            for frame in container.decode(stream):
                if not frame.is_corrupt or frame.key_frame:
                    yield frame
        except (av.error.FFmpegError, ValueError, EOFError):
            return


def upright(frame: VideoFrame, size: tuple[int, int]) -> Rgb:
    """A decoded frame as RGB, turned as a viewer sees it, `size` (width, height) after the turn."""
    turned = round(-frame.rotation / 90) * 90 % 360
    width, height = size if turned % 180 == 0 else (size[1], size[0])
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    smaller = width * height < frame.width * frame.height
    made = frame.reformat(
        width, height, "rgb24",
        src_colorspace=_matrix(frame), dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG if full or frame.format.is_rgb else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA | Interpolation.ACCURATE_RND if smaller else EXACT,
    )  # fmt: skip
    rgb = np.asarray(made.to_ndarray(), np.uint8)
    return np.asarray(cv2.rotate(rgb, _TURNS[turned]), np.uint8) if turned else rgb


def _matrix(frame: VideoFrame) -> Colorspace:
    """The frame's colour matrix; where it names none, by its size as players do."""
    if frame.colorspace in (Colorspace.ITU709, Colorspace.ITU601, Colorspace.SMPTE170M):
        return Colorspace(frame.colorspace)
    small = frame.height < 720 and frame.width < 1280 and not frame.format.is_rgb
    return Colorspace.ITU601 if small else Colorspace.ITU709
