"""A part of a film as a film of its own: all that is kept of a longer one that a character is in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from mutoscope.characters.clip import MOST_SIDE, Cancel, Rgb, demuxer, kept_upright, pixel_shape
from mutoscope.characters.work import Part
from mutoscope.errors import BadInput, Cancelled
from mutoscope.finish.encode import Mp4Writer, rgb_frame
from mutoscope.shot import Size

_FASTEST = 30.0  # frames a second
_CRF = 14  # the frames are what engines see of the character


def cut(clip: Path, part: Part, out: Path, cancel: Cancel) -> Path:
    """Write the frames from part[0] up to part[1] seconds of `clip`, upright, without its sound; `out`.

    Raises BadInput where the film cannot be read or does not last so long, Cancelled."""
    start, end = part
    try:
        with av.open(str(clip), format=demuxer(clip)) as container:
            if not container.streams.video:
                raise BadInput("the file has no video track", code="invalid_video", field="video")
            stream = container.streams.video[0]
            rate = min(_FASTEST, max(1.0, float(stream.average_rate or 24)))
            _near(container, stream, start)
            frames = _steady(_upright(container, start, end, cancel), start, end, rate)
            first = next(frames, None)
            if first is None:
                length = float(container.duration or 0) / 1_000_000
                raise BadInput(
                    f"the part from {start:g} to {end:g} s is not in the film"
                    + (f", which has {length:.1f} s" if length else ""),
                    field="from",
                    code="invalid_value",
                )
            height, width = first.shape[:2]
            with Mp4Writer(out, Size(width, height), rate, crf=_CRF) as film:
                film.write(rgb_frame(first))
                for rgb in frames:
                    if rgb.shape == first.shape:
                        film.write(rgb_frame(rgb))
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(
            f"the film cannot be read: {reason}", code="invalid_video", field="video"
        ) from None
    return out


def _near(container: Any, stream: Any, start: float) -> None:
    """Go on from the last key frame before `start`."""
    if start > 1 and stream.time_base:
        container.seek(int(start / stream.time_base), stream=stream, backward=True)


def _upright(
    container: Any, start: float, end: float, cancel: Cancel
) -> Iterator[tuple[float, Rgb]]:
    """(time, frame) from the one that is shown at `start` up to `end`."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    shape = pixel_shape(container)
    before: tuple[float, Any] | None = None
    for number, frame in enumerate(container.decode(stream)):
        if cancel():
            raise Cancelled("stopped while the part was cut out")
        if max(frame.width, frame.height) > MOST_SIDE:
            break
        at = float(frame.time) if frame.time is not None else number / 25
        if at >= end:
            break
        if at <= start:
            before = (at, frame)
            continue
        if before is not None:
            yield start, _even(kept_upright(before[1], shape))
            before = None
        yield at, _even(kept_upright(frame, shape))
    if before is not None and start - before[0] < 1.0:
        yield start, _even(kept_upright(before[1], shape))


def _steady(
    frames: Iterator[tuple[float, Rgb]], start: float, end: float, rate: float
) -> Iterator[Rgb]:
    """Frames at an even rate: at each moment the last that had come by then."""
    number, shown, until = 0, None, start
    for at, rgb in frames:
        while shown is not None and start + number / rate < at - 1e-3:
            yield shown
            number += 1
        shown, until = rgb, at
    while (
        shown is not None and start + number / rate <= until + 1e-3 and number / rate < end - start
    ):
        yield shown
        number += 1


def _even(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[0] // 2 * 2, rgb.shape[1] // 2 * 2
    return np.ascontiguousarray(rgb[:height, :width])
