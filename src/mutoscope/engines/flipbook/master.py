"""Frames become the order's file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from mutoscope.compute.threads import Progress
from mutoscope.engines.base import Order

#: The share of the work that comes before the first frame, for the progress bar.
BEFORE = 0.4


def written(order: Order, frames: Iterable[av.VideoFrame], progress: Progress) -> Path:
    """The frames, graded as the direction asks, as H.264 below the order's folder."""
    from mutoscope.finish.encode import Mp4Writer

    shot, path = order.shot, order.folder / "footage.mp4"
    if order.direction.edits:
        from mutoscope.engines.flipbook.footage.colour import coloured
        from mutoscope.engines.flipbook.footage.grade import graded

        frames = coloured(frames, graded(order.direction.edits), shot.seed)
    with Mp4Writer(path, shot.size, shot.fps) as writer:
        for done, frame in enumerate(frames):
            progress("render", BEFORE + (1 - BEFORE) * done / shot.frames)
            writer.write(frame)
    return path


@contextmanager
def timed(spent: dict[str, float], stage: str) -> Iterator[None]:
    """Note the seconds that a stage took."""
    begin = time.perf_counter()
    yield
    spent[stage] = round(time.perf_counter() - begin, 3)
