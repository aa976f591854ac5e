"""Films that a shot starts from, as a model is given them: at its rate, on its canvas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np

from mutoscope.engines.base import Order
from mutoscope.engines.diffusion.brief import Frames
from mutoscope.engines.diffusion.shot.laying import framed
from mutoscope.engines.diffusion.shot.pacing import paced
from mutoscope.engines.diffusion.shot.sizes import Canvas
from mutoscope.engines.flipbook.footage.source import Source
from mutoscope.shot import Quality, Role

#: How carefully frames between are computed where they only guide the model, which makes its own.
GIVEN = Quality.DRAFT


def source_of(order: Order) -> Path | None:
    """The file of the film that the order starts from."""
    for place, path in order.clips.items():
        if order.shot.anchors[place].role is Role.SOURCE:
            return path
    return None


def stretch(
    source: Source, positions: Sequence[float], canvas: Canvas, quality: Quality = GIVEN
) -> Frames:
    """The film at these ascending places (in its own frames, fractions between two), on the canvas."""
    first = max(0, int(positions[0]))
    last = min(source.frames, int(np.ceil(positions[-1])) + 2)
    local = [max(0.0, one - first) for one in positions]
    made = [
        framed(rgb_of(frame), canvas) for frame in paced(_from(source, first, last), local, quality)
    ]
    return np.stack(made)


def ending(source: Source, frames: int, rate: float, canvas: Canvas, quality: Quality) -> Frames:
    """The film's last `frames` at `rate` a second, the last of them its very last one."""
    step = float(source.rate) / rate
    end = source.frames - 1
    positions = [max(0.0, end - step * (frames - 1 - number)) for number in range(frames)]
    return stretch(source, positions, canvas, quality)


def rgb_of(frame: av.VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A frame's pixels, H×W×3."""
    from mutoscope.finish.rgb import rgb

    return rgb(frame)


def _from(source: Source, first: int, last: int) -> Iterator[av.VideoFrame]:
    """The film's frames from number `first` up to `last`."""
    from mutoscope.engines.flipbook.footage.reading import frames, tail

    if last >= source.frames and first > 0:
        yield from tail(source, source.frames - first)
        return
    for number, frame in enumerate(frames(source)):
        if number >= last:
            return
        if number >= first:
            yield frame
