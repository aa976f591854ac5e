"""A film gone on with: its own frames as they are, then a camera on its stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from av.video.frame import PictureType

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.flipbook.footage import told
from mutoscope.engines.flipbook.footage.edit import near, notes, timed, write
from mutoscope.engines.flipbook.footage.reading import frames
from mutoscope.engines.flipbook.footage.sound import KEPT, kept
from mutoscope.engines.flipbook.footage.source import Source, look
from mutoscope.engines.flipbook.footage.stage import Ending, Stage, Staging, ending
from mutoscope.engines.flipbook.master import place
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.sounding import heard
from mutoscope.finish.encode import KEYFRAMES
from mutoscope.finish.formats import named

#: Points that go their own way, from which on it is said that they stop.
MOVING = 0.12
#: Of the work, what comes before the first frame is written.
_BEFORE = 0.35
FROZEN = "what moved by itself in the film stands still from the join on"


def extended(order: Order, path: Path, progress: Progress, cancel: Cancel) -> Footage:
    """The film at `path` and `shot.seconds` more. Raises BadInput for a film that cannot be read,
    CannotWrite, Cancelled between frames."""
    spent: dict[str, float] = {}
    with timed(spent, "look"):
        source = look(path)
        end = ending(source, cancel)
    rate = float(source.rate)
    added = max(1, round(order.shot.seconds * rate))
    total = source.frames + added
    with timed(spent, "scene"):
        staging = Staging(
            order, source, end, added, lambda stage, done: progress(stage, _BEFORE * done), cancel
        )
        stage = staging.made()
    with timed(spent, "render"):
        film = place(order)
        written = write(
            film, joined(source, stage, end, cancel), source.size, source,
            named(order.shot.delivery.format),
            lambda done: progress("render", _BEFORE + (1 - _BEFORE) * min(1.0, done / total)), cancel,
        )  # fmt: skip
    sound = kept(film, source)
    if sound.startswith(KEPT) and not heard(order):
        sound += "; what was added is silent"
    said = (*stage.course.instructions, *_left(order, source), *told.rest(order.direction))
    remarks = [*notes(source, sound), *stage.notes]
    if stage.drift.moving > MOVING:
        remarks.append(FROZEN)
    return Footage(film, written, said, tuple(remarks), spent, fps=rate, size=source.size)


def joined(source: Source, stage: Stage, end: Ending, cancel: Cancel) -> Iterator[av.VideoFrame]:
    """The source's frames, and then the added ones."""
    # a keyframe at the join would renew the picture there: one is set half a stretch before
    early = source.frames - round(KEYFRAMES * float(source.rate) / 2)
    for number, frame in enumerate(frames(source, cancel)):
        if number == early:
            frame.pict_type = PictureType.I
        yield frame
    yield from render(
        stage.scene, stage.course.poses,
        first_exact=False, still=end.frame, home=stage.home, cancel=cancel,
    )  # fmt: skip


def _left(order: Order, source: Source) -> Iterator[Instruction]:
    """Edits and sizes, which an extension leaves alone."""
    if not near(order.shot.size, source.size):
        how = f"an extension keeps the film's size, {source.size}"
        yield Instruction(f"size {order.shot.size}", "not_possible", how)
    for edit in order.direction.edits:
        how = "an extension keeps the film as it is; edit the extended film"
        yield Instruction(edit.words, "not_possible", how)
