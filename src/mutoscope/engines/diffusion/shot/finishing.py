"""What a model made becomes the footage that was asked for: joined, scaled, at its rate, graded, marked,
written and given its sound; each frame once, a few at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from mutoscope.compute.ahead import ahead
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.diffusion.brief import Made, Watch
from mutoscope.engines.diffusion.shot.joining import Joined
from mutoscope.engines.diffusion.shot.laying import shown
from mutoscope.engines.diffusion.shot.mark import marked
from mutoscope.engines.diffusion.shot.pacing import paced
from mutoscope.engines.diffusion.shot.project import Finish, Kept, Project
from mutoscope.engines.diffusion.shot.sound import sounded
from mutoscope.engines.flipbook.footage.grade import graded
from mutoscope.finish.frame import blank, planes_of, rgb_frame
from mutoscope.shot import Kind, Size

if TYPE_CHECKING:
    from mutoscope.finish.writers import Writer

#: Of the finishing, what the pictures take; then the sound comes.
PICTURES = 0.95
#: A film that the house changes once more is written this much finer in between.
BETWEEN = 10.0


def finished(
    order: Order, project: Project, made: Sequence[Made], spent: dict[str, float], watch: Watch
) -> Footage:
    """The footage, below the order's folder. Raises CannotWrite, Cancelled, BadInput for a file of sound
    that cannot be used."""
    from mutoscope.engines.flipbook.master import delivered

    begun = time.perf_counter()
    finish = project.finish
    if finish is None:
        footage = _by_house(order, project, watch)
    else:
        footage = _pictures(order, project, finish, made, watch)
        if finish.later is not None:
            footage = _changed(order, project, finish, footage, watch)
        footage = sounded(order, footage, project, made, watch)
    spent["finish"] = round(time.perf_counter() - begun, 3)
    notes = dict.fromkeys(note for one in made for note in one.notes)
    return delivered(
        order,
        replace(
            footage,
            instructions=(*project.instructions, *footage.instructions),
            notes=(*project.notes, *notes, *footage.notes),
            seconds_spent=spent | dict(footage.seconds_spent),
        ),
    )


def _pictures(
    order: Order, project: Project, finish: Finish, made: Sequence[Made], watch: Watch
) -> Footage:
    """The film without sound, in the format that was ordered; or finely, where it is changed once more."""
    from mutoscope.engines.flipbook.footage.celluloid import grain_of
    from mutoscope.engines.flipbook.footage.colour import coloured
    from mutoscope.engines.flipbook.footage.sound import KEPT, kept
    from mutoscope.engines.flipbook.master import place
    from mutoscope.engines.flipbook.sounding import heard

    joined = Joined(made, finish.timing.parts, dissolves=finish.dissolves, lead=finish.lead)
    frames: Iterable[av.VideoFrame] = (
        rgb_frame(np.ascontiguousarray(shown(one, finish.canvas))) for one in joined.frames()
    )
    frames = paced(frames, finish.timing.positions, order.shot.quality)
    if finish.kept is not None:
        frames = _over(frames, finish.kept)
    before = finish.before
    grain = 0.0
    if finish.edits:
        grade = graded(finish.edits)
        frames, grain = coloured(frames, grade, order.shot.seed), grain_of(grade)
    frames = marked(frames, "" if finish.later is not None else finish.mark, project.size)
    count = len(finish.timing.positions)
    path = place(order)
    if finish.later is not None:
        path = order.folder / ".made.mp4"
    rate = before.rate if before is not None else _rate(finish, project)
    total = count + (before.frames if before is not None else 0)
    with _writer(order, path, project.size, rate, finish, grain) as film:
        if before is not None:
            for frame in _first(finish, watch, total):
                film.write(frame)
        for frame in ahead(frames):
            watch.stage("finish", PICTURES * film.frames / total)
            film.write(frame)
    notes = []
    if any(shift.any() for shift in joined.shifts):
        most = max(float(np.abs(shift).max()) for shift in joined.shifts)
        notes.append(f"colours were matched at the joins, by {most:.0f} codes at most")
    source = before or finish.remade
    if source is not None and source.sound:
        own = finish.sound and before is not None
        sound = "" if own else kept(path, source)
        if before is not None and sound.startswith(KEPT) and not heard(order):
            sound += "; what was added is silent"
        notes += [sound] if sound else []
    own_rate = before is not None or finish.remade is not None
    return Footage(
        path, total, (), tuple(notes),
        fps=float(rate) if own_rate else None,
        size=project.size if project.size != order.shot.size else None,
    )  # fmt: skip


def _rate(finish: Finish, project: Project) -> Fraction | float:
    return finish.remade.rate if finish.remade is not None else project.fps


def _writer(
    order: Order, path: Path, size: Size, rate: Fraction | float, finish: Finish, grain: float
) -> Writer:
    from mutoscope.engines.flipbook.footage.edit import FINER
    from mutoscope.finish.formats import DEFAULT, named
    from mutoscope.finish.writers import writer

    if finish.later is not None:
        return writer(path, size, rate, named(DEFAULT), finer=BETWEEN)
    finer = FINER if finish.before is not None else 0.0
    return writer(path, size, rate, named(order.shot.delivery.format), finer=finer, grain=grain)


def _first(finish: Finish, watch: Watch, total: int) -> Iterator[av.VideoFrame]:
    """The frames of the film that is gone on with, as they are."""
    from av.video.frame import PictureType

    from mutoscope.engines.flipbook.footage.reading import frames
    from mutoscope.finish.encode import KEYFRAMES

    source = finish.before
    assert source is not None
    # a keyframe at the join would renew the picture there: one is set half a stretch before
    early = source.frames - round(KEYFRAMES * float(source.rate) / 2)
    for number, frame in enumerate(frames(source)):
        watch.stage("finish", PICTURES * number / total)
        if number == early:
            frame.pict_type = PictureType.I
        yield frame


def _over(frames: Iterable[av.VideoFrame], kept: Kept) -> Iterator[av.VideoFrame]:
    """The model's picture where it was to be made, and elsewhere what is kept, pixel for pixel."""
    height, width = kept.made.shape
    share = kept.made
    small = share.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    for frame, under in zip(frames, kept.frames(), strict=False):
        made = blank(width, height)
        for to, one, other, part in zip(
            planes_of(made), planes_of(frame), planes_of(under), (share, small, small), strict=True
        ):
            tall, wide = part.shape
            a, b = one[:tall, :wide].astype(np.float32), other[:tall, :wide].astype(np.float32)
            to[:tall, :wide] = np.rint(b + part * (a - b)).astype(np.uint8)
        yield made


def _changed(
    order: Order, project: Project, finish: Finish, made: Footage, watch: Watch
) -> Footage:
    """The film that the model made, changed by the house: its camera, speed, shape and colours."""
    from mutoscope.engines.flipbook.footage.edit import edited

    assert finish.later is not None
    later: Direction = finish.later
    shot = replace(order.shot, kind=Kind.EDIT)
    house = replace(order, shot=shot, direction=later, stills={}, cast={}, tracks={})

    def progress(stage: str, done: float) -> None:
        watch.stage("finish", PICTURES * done)

    try:
        footage = edited(house, made.path, progress, lambda: False)
    finally:
        made.path.unlink(missing_ok=True)
    if finish.mark:
        _remark(order, footage, finish, watch)
    notes = dict.fromkeys((*made.notes, *footage.notes))
    return replace(footage, notes=tuple(notes))


def _remark(order: Order, footage: Footage, finish: Finish, watch: Watch) -> None:
    """Lay the mark over a film that was changed after the model: before, it could have been cut off."""
    from mutoscope.engines.flipbook.footage.reading import frames
    from mutoscope.engines.flipbook.footage.sound import kept
    from mutoscope.engines.flipbook.footage.source import look

    film = look(footage.path)
    path = footage.path.with_name(f".marked{footage.path.suffix}")
    with _writer(order, path, film.size, film.rate, replace(finish, later=None), 0.0) as made:
        for frame in marked(frames(film), finish.mark, film.size):
            watch.stage("finish", PICTURES)
            made.write(frame)
    kept(path, film)
    path.replace(footage.path)


def _by_house(order: Order, project: Project, watch: Watch) -> Footage:
    """A film that there is nothing to be made anew in: the house changes its own frames."""
    from mutoscope.engines.flipbook.film import film

    def progress(stage: str, done: float) -> None:
        watch.stage("finish", done)

    return film(order, progress, lambda: False)
