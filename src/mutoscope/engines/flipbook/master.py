"""Frames become the order's file, and the clean passes beside it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import av

from mutoscope.compute.threads import Progress
from mutoscope.engines.base import Footage, Order

if TYPE_CHECKING:
    from mutoscope.finish.writers import Writer

#: The share of the work that comes before the first frame, for the progress bar.
BEFORE = 0.4


def written(order: Order, frames: Iterable[av.VideoFrame], progress: Progress) -> Path:
    """The frames, graded as the direction asks, in the format that was ordered, below the order's
    folder."""
    shot, path = order.shot, place(order)
    if order.direction.edits:
        from mutoscope.engines.flipbook.footage.colour import coloured
        from mutoscope.engines.flipbook.footage.grade import graded

        frames = coloured(frames, graded(order.direction.edits), shot.seed)
    with opened(order) as writer:
        for done, frame in enumerate(frames):
            progress("render", BEFORE + (1 - BEFORE) * done / shot.frames)
            writer.write(frame)
    return path


def place(order: Order) -> Path:
    """Where the order's film is written: a file, or a folder for a sequence of pictures."""
    return order.folder / f"footage{order.shot.delivery.suffix}"


def pass_place(order: Order, name: str) -> Path:
    """Where a clean pass of the order's is written."""
    from mutoscope.finish.formats import for_passes

    return order.folder / f"{name}{for_passes(order.shot.delivery.format).suffixes[0]}"


def opened(order: Order) -> Writer:
    """The writer of the film that was ordered."""
    from mutoscope.finish.formats import named
    from mutoscope.finish.writers import writer

    shot = order.shot
    return writer(place(order), shot.size, shot.fps, named(shot.delivery.format))


def delivered(order: Order, footage: Footage) -> Footage:
    """The footage with what is said of its files: its format, and the passes that were made."""
    from mutoscope.finish.formats import named

    delivery = order.shot.delivery
    step = named(delivery.format).step(footage.fps or order.shot.fps)
    made = {name: pass_place(order, name) for name in delivery.passes}
    return replace(
        footage,
        format=delivery.format,
        passes={name: path for name, path in made.items() if path.exists()},
        frames=-(-footage.frames // step),
        fps=footage.fps if step == 1 else (footage.fps or order.shot.fps) / step,
    )


@contextmanager
def timed(spent: dict[str, float], stage: str) -> Iterator[None]:
    """Note the seconds that a stage took."""
    begin = time.perf_counter()
    yield
    spent[stage] = round(time.perf_counter() - begin, 3)
