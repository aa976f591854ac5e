"""Frames become the order's file, and the clean passes beside it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from mutoscope.compute.threads import Progress
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.errors import BadShot
from mutoscope.shot import Role

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.camera.model import Array
    from mutoscope.engines.flipbook.nature.field import Field
    from mutoscope.engines.flipbook.rendering.passes import Apart
    from mutoscope.engines.flipbook.scene import Scene
    from mutoscope.finish.writers import Writer

#: The share of the work that comes before the first frame, for the progress bar.
BEFORE = 0.4
NO_SUBJECT = "nothing in the picture was found that stands out from what is behind it"
NO_LAYERS = "a film that is made of several pictures, or of a film, has no layers"
HOW = {
    "matte": "where the subject is",
    "disparity": "how near everything is: 0 the far plane, 1 the near one",
    "plate": "the film without its subject",
    "subject": "the subject's own colours, with its matte",
}


def rendered(
    order: Order,
    scene: Scene,
    poses: Array,
    fields: Sequence[Field],
    progress: Progress,
    **how: Any,
) -> Path:
    """The film of a scene seen from poses; `how` as `rendering.render` takes it. Raises BadShot where the
    subject alone is wanted and the scene has none."""
    delivery = order.shot.delivery
    if not delivery.layered:
        from mutoscope.engines.flipbook.rendering.render import render

        return written(order, render(scene, poses, fields, **how), progress)
    from mutoscope.engines.flipbook.rendering.passes import render_apart

    if delivery.alpha and scene.subject is None:
        raise BadShot(f"alpha needs a subject to cut out, and {NO_SUBJECT}", field="alpha")
    depth = "disparity" in delivery.passes
    return written_apart(
        order, scene, render_apart(scene, poses, fields, depth=depth, **how), progress
    )


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


def written_apart(order: Order, scene: Scene, frames: Iterable[Apart], progress: Progress) -> Path:
    """The same of frames in layers: the film, transparent around its subject where that was ordered, and
    the clean passes. What the direction asks of the colours is done to film and plate alike."""
    from mutoscope.engines.flipbook.footage.colour import grading
    from mutoscope.engines.flipbook.footage.grade import graded
    from mutoscope.finish.cutout import subject_of

    shot = order.shot
    asked = graded(order.direction.edits)
    film_of, plate_of = (grading(asked, shot.seed) for _ in range(2))
    with ExitStack() as held:
        writer = held.enter_context(opened(order))
        beside = {name: held.enter_context(_pass(order, name)) for name in _possible(order, scene)}
        for done, one in enumerate(frames):
            progress("render", BEFORE + (1 - BEFORE) * done / shot.frames)
            film, plate = film_of(one.film, done), plate_of(one.plate, done)
            cut = None
            if shot.delivery.alpha or "subject" in beside:
                cut = subject_of(film, plate, one.matte)
            if shot.delivery.alpha and cut is not None:
                writer.write(cut, one.matte)
            else:
                writer.write(film)
            for name, made in beside.items():
                if name == "plate":
                    made.write(plate)
                elif name == "subject" and cut is not None:
                    made.write(cut, one.matte)
                elif name == "matte":
                    made.write_grey(one.matte * np.uint16(257))
                elif one.disparity is not None:
                    made.write_grey(one.disparity)
    return place(order)


def _possible(order: Order, scene: Scene) -> tuple[str, ...]:
    """The passes that the scene has."""
    names = order.shot.delivery.passes
    return tuple(name for name in names if scene.subject or name not in ("matte", "subject"))


def _pass(order: Order, name: str) -> Writer:
    from mutoscope.finish.formats import for_passes
    from mutoscope.finish.writers import writer

    shot = order.shot
    return writer(
        pass_place(order, name), shot.size, shot.fps, for_passes(shot.delivery.format),
        alpha=name == "subject", grey=name in ("matte", "disparity"),
    )  # fmt: skip


def single(order: Order) -> bool:
    """Whether the film is made of one picture, or of a cast and its ground: only then it has layers."""
    anchors = order.shot.anchors
    if set(order.clips) - {at for at, one in enumerate(anchors) if one.role is Role.REFERENCE}:
        return False
    return len(order.stills) == 1 or (not order.stills and bool(order.cast))


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
    delivery = shot.delivery
    grain = 0.0
    if order.direction.edits:
        from mutoscope.engines.flipbook.footage.celluloid import grain_of
        from mutoscope.engines.flipbook.footage.grade import graded

        grain = grain_of(graded(order.direction.edits))
    form = named(delivery.format)
    return writer(place(order), shot.size, shot.fps, form, alpha=delivery.alpha, grain=grain)


def deliverable(order: Order) -> None:
    """Raise BadShot, before any work, for transparency where there are no layers."""
    if order.shot.delivery.alpha and not single(order):
        raise BadShot(f"alpha needs one picture with a subject: {NO_LAYERS}", field="alpha")


def delivered(order: Order, footage: Footage) -> Footage:
    """The footage with what is said of its files: its format, and the passes that were made."""
    from mutoscope.finish.formats import named

    delivery = order.shot.delivery
    step = named(delivery.format).step(footage.fps or order.shot.fps)
    made = {name: pass_place(order, name) for name in delivery.passes}
    missed = tuple(
        Instruction(f"pass {name}", "not_possible", NO_SUBJECT if single(order) else NO_LAYERS)
        for name, path in made.items()
        if not path.exists()
    )
    done = tuple(
        Instruction(f"pass {name}", "done", HOW[name])
        for name, path in made.items()
        if path.exists()
    )
    return replace(
        footage,
        instructions=(*footage.instructions, *done, *missed),
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
