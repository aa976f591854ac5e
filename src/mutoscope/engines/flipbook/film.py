"""From an order to footage: one still under a moving camera, two stills and the way between, or a film
that is there changed or gone on with."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import av
import msgspec

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Footage, Instruction, Order, Still
from mutoscope.engines.flipbook.honesty import rest
from mutoscope.errors import BadShot
from mutoscope.images.decode import open_photo
from mutoscope.shot import Kind, Quality, Role

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.nature.field import Field
    from mutoscope.engines.flipbook.scene import Scene
    from mutoscope.images.decode import Photo

#: How the film begins, for the report.
WHOLE = "the picture is the first frame"
INSIDE = (
    "the film opens inside the picture, so that the camera has room; "
    "to begin with the whole of it, ask for it as the first frame"
)
#: The share of the work that comes before the first frame, for the progress bar.
_BEFORE = 0.4


def film(order: Order, progress: Progress, cancel: Cancel) -> Footage:
    """Render the order below its folder. Raises BadShot for pictures that flipbook has no use for,
    BadImage, CannotWrite, or Cancelled soon after `cancel` says so."""
    source = clip(order)
    if source is not None and order.shot.kind is Kind.EXTEND:
        from mutoscope.engines.flipbook.footage.extend import extended

        return extended(order, source, progress, cancel)
    if source is not None and (order.shot.kind is not Kind.REMIX or not order.stills):
        from mutoscope.engines.flipbook.footage.edit import edited

        return edited(order, source, progress, cancel)
    first, last = pictures(order)
    if last is None:
        return _one_still(order, first, order.shot.loop, progress, cancel)
    return _two_stills(order, first, last, progress, cancel)


def clip(order: Order) -> Path | None:
    """The film that the order starts from. Raises BadShot where its kind needs one and it has none."""
    for place, path in order.clips.items():
        if order.shot.anchors[place].role is Role.SOURCE:
            return path
    if order.shot.kind in (Kind.CREATE, Kind.REMIX) and order.stills:
        return None
    raise BadShot(
        f"to {order.shot.kind} takes a film, and this shot has none; give it as the source"
        if order.shot.kind is not Kind.CREATE
        else "flipbook puts characters before a picture, and this shot has none; give a background"
        if order.cast
        else "this shot has no picture; flipbook films a photograph",
        field="anchors",
    )


def pictures(order: Order) -> tuple[Still, Still | None]:
    """The picture to begin with and, where there is one, the last."""
    by_role: dict[Role, list[Still]] = {}
    for place, still in order.stills.items():
        by_role.setdefault(order.shot.anchors[place].role, []).append(still)
    begin = by_role.pop(Role.FIRST_FRAME, []) + by_role.pop(Role.REFERENCE, [])
    end = by_role.pop(Role.LAST_FRAME, [])
    if by_role or len(begin) > 1 or len(end) > 1 or not begin + end:
        raise BadShot(
            f"flipbook films one picture, or a first and a last; this shot has {len(order.stills)}, "
            "or one at a frame between",
            field="anchors",
        )
    if not begin:
        return end[0], None
    return begin[0], end[0] if end else None


def _one_still(
    order: Order, still: Still, loop: bool, progress: Progress, cancel: Cancel
) -> Footage:
    from mutoscope.engines.flipbook.camera.path import CameraPath, plan_path
    from mutoscope.engines.flipbook.camera.relief import lowered
    from mutoscope.engines.flipbook.camera.view import View
    from mutoscope.engines.flipbook.disclosure import discloses
    from mutoscope.engines.flipbook.rendering.render import render
    from mutoscope.engines.flipbook.taking.prepare import build_scene

    shot, direction = order.shot, _chosen(order.direction)
    loop = loop or direction.loop
    spent: dict[str, float] = {}

    def seen(scene: Scene) -> Scene:
        hfov = direction.lens.hfov
        return scene if hfov is None else replace(scene, hfov=hfov)

    def planned(scene: Scene) -> CameraPath:
        return plan_path(
            direction, View.of(scene), fps=shot.fps, frames=shot.frames, loop=loop,
            seed=shot.seed, first_frame=_pinned(order),
        )  # fmt: skip

    def uncovers(scene: Scene) -> bool:
        # what moves by itself uncovers as well, and a cast changes the camera's way
        if shot.quality is Quality.BEST or shot.regions or order.cast:
            return True
        path = planned(seen(scene))
        return discloses(lowered(seen(scene), path.relief), path.poses)

    with _timed(spent, "scene"):
        photo = open_photo(still.original)
        scene = build_scene(
            photo,
            still.plan,
            quality=shot.quality,
            uncovers=uncovers,
            progress=lambda stage, done: progress(stage, _BEFORE * done),
            cancel=cancel,
        )
        scene, played = _played(order, still, seen(scene))
    with _timed(spent, "path"):
        path = planned(scene)
        fields, nature, marks = _moved(order, direction, photo, still, scene, loop=loop)
    whole = path.starts_at_rest
    with _timed(spent, "render"):
        made = render(
            lowered(scene, path.relief), path.poses, fields, first_exact=whole, cancel=cancel
        )
        footage = _written(order, made, progress)
    said = [*played, *path.instructions, *nature, *rest(direction, held=path.held)]
    if loop:
        said.append(Instruction("loop", "done", "it ends where it began"))
    begun = WHOLE if whole else INSIDE
    return Footage(footage, shot.frames, tuple(said), (begun, *scene.notes, *marks), spent)


def _played(order: Order, still: Still, scene: Scene) -> tuple[Scene, tuple[Instruction, ...]]:
    """The scene with the order's characters in it, and what became of each."""
    if not order.cast:
        return scene, ()
    from mutoscope.engines.flipbook.casting.compose import with_cast

    return with_cast(scene, still.plan, order.cast, order.shot.prompt)


def _unplayed(order: Order) -> tuple[Instruction, ...]:
    how = "characters are put before one background; this film goes from one picture to another"
    return tuple(Instruction(f"@{name}", "not_possible", how) for name in order.cast)


def _moved(
    order: Order, direction: Direction, photo: Photo, still: Still, scene: Scene, *, loop: bool
) -> tuple[tuple[Field, ...], tuple[Instruction, ...], tuple[str, ...]]:
    """What moves by itself, what became of each instruction for it, and notes on the marked regions."""
    shot = order.shot
    if not shot.regions and not any(motion.group == "nature" for motion in direction.motion):
        return (), (), ()
    from mutoscope.engines.flipbook.nature.fields import fields_for
    from mutoscope.engines.flipbook.nature.region import plate_regions

    regions, marks = plate_regions(
        shot.regions, order.masks, photo, still.plan, scene.margin_x, scene.margin_y
    )
    fields, said = fields_for(
        direction, regions, scene.height,
        frames=shot.frames, fps=shot.fps, loop=loop, seed=shot.seed,
    )  # fmt: skip
    return fields, said, marks


def _chosen(direction: Direction) -> Direction:
    """Where moves were refused and none was asked for, the camera rests rather than pick one that may
    be among those refused."""
    if direction.camera or not direction.refused:
        return direction
    return msgspec.structs.replace(
        direction, camera=(Move(move="static", start=0.0, end=direction.seconds),)
    )


def _pinned(order: Order) -> bool:
    """Whether the film must begin with the picture exactly: its role says so, or the prompt."""
    asked = any(anchor.role is Role.FIRST_FRAME for anchor in order.shot.anchors)
    return asked or order.direction.first_frame


def _two_stills(
    order: Order, first: Still, last: Still, progress: Progress, cancel: Cancel
) -> Footage:
    from mutoscope.engines.flipbook.pairs.transition import same_picture, transition
    from mutoscope.finish.encode import rgb_frame
    from mutoscope.images.fit import fitted

    shot, direction = order.shot, order.direction
    spent: dict[str, float] = {}
    with _timed(spent, "scene"):
        one, other = (fitted(open_photo(still.original), still.plan)[0] for still in (first, last))
    if same_picture(one, other):
        return _one_still(order, first, True, progress, cancel)
    with _timed(spent, "pair"):
        between = transition(
            one, other, shot.frames, direction=direction, loop=shot.loop or direction.loop,
            seed=shot.seed, progress=lambda stage, done: progress("flow", _BEFORE * done),
            cancel=cancel,
        )  # fmt: skip
    with _timed(spent, "render"):
        footage = _written(order, (rgb_frame(rgb) for rgb in between.frames()), progress)
    said = (*_unplayed(order), *between.instructions, *rest(direction))
    return Footage(footage, shot.frames, said, between.notes, spent)


def _written(order: Order, frames: Iterable[av.VideoFrame], progress: Progress) -> Path:
    """The frames as H.264 below the order's folder."""
    from mutoscope.finish.encode import Mp4Writer

    shot, path = order.shot, order.folder / "footage.mp4"
    if order.direction.edits:
        from mutoscope.engines.flipbook.footage.colour import coloured
        from mutoscope.engines.flipbook.footage.grade import graded

        frames = coloured(frames, graded(order.direction.edits), shot.seed)
    with Mp4Writer(path, shot.size, shot.fps) as writer:
        for done, frame in enumerate(frames):
            progress("render", _BEFORE + (1 - _BEFORE) * done / shot.frames)
            writer.write(frame)
    return path


@contextmanager
def _timed(spent: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    spent[stage] = round(time.perf_counter() - begin, 3)
