"""One photograph becomes a film: what is done to it, in order.

scene → its cast → the subject's motion → the camera's path → nature → effects → frames
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Footage, Instruction, Order, Still
from mutoscope.engines.flipbook.honesty import rest
from mutoscope.engines.flipbook.master import BEFORE, rendered, timed
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.images.decode import open_photo
from mutoscope.shot import Quality

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.casting.ground import Ground
    from mutoscope.engines.flipbook.nature.field import Field
    from mutoscope.engines.flipbook.scene import Scene
    from mutoscope.images.decode import Photo

#: How the film begins, for the report.
WHOLE = "the picture is the first frame"
WITHIN = "the picture is frame {}"
INSIDE = (
    "the film opens inside the picture, so that the camera has room; "
    "to begin with the whole of it, ask for it as the first frame"
)


def one_still(
    order: Order, still: Still, met: int | None, loop: bool, progress: Progress, cancel: Cancel,
    *, ground: Ground | None = None,
) -> Footage:  # fmt: skip
    """The film of one picture, which is frame `met` exactly (None: no frame need be). `ground`: the
    picture was made as a ground for the cast."""
    import numpy as np

    from mutoscope.engines.flipbook.camera.path import CameraPath, plan_path
    from mutoscope.engines.flipbook.camera.relief import lowered
    from mutoscope.engines.flipbook.camera.view import View
    from mutoscope.engines.flipbook.disclosure import discloses
    from mutoscope.engines.flipbook.effects.chosen import effects_for, looks_behind
    from mutoscope.engines.flipbook.objects.chosen import asks, object_motion
    from mutoscope.engines.flipbook.objects.stand import within
    from mutoscope.engines.flipbook.stills.calm import calm, calmed
    from mutoscope.engines.flipbook.taking.prepare import build_scene

    shot, direction = order.shot, _chosen(order.direction)
    timing = Timing(shot.frames, shot.fps, loop or direction.loop, shot.seed, met == 0)
    spent: dict[str, float] = {}

    def seen(scene: Scene) -> Scene:
        hfov = direction.lens.hfov
        return scene if hfov is None else replace(scene, hfov=hfov)

    def planned(scene: Scene) -> CameraPath:
        # a loop has no beginning: it leaves the still and comes back to it, wherever that is
        path = plan_path(
            direction, View.of(scene), fps=timing.fps, frames=timing.frames, loop=timing.loop,
            seed=timing.seed, first_frame=timing.exact,
            meets=0 if timing.loop and met is not None else met,
        )  # fmt: skip
        turned = met or 0 if timing.loop else 0
        return replace(path, poses=np.roll(path.poses, turned, axis=0)) if turned else path

    def uncovers(scene: Scene) -> bool:
        # what moves by itself uncovers as well, and a cast changes the camera's way
        if shot.quality is Quality.BEST or shot.regions or order.cast or asks(direction):
            return True
        if looks_behind(direction):
            return True
        if shot.delivery.layered:  # what is behind the subject is seen whole
            return True
        path = planned(seen(scene))
        return discloses(lowered(seen(scene), path.relief), path.poses)

    def leaves(scene: Scene) -> bool:
        return planned(seen(scene)).paint > 0

    with timed(spent, "scene"):
        photo = open_photo(still.original)
        scene = build_scene(
            photo,
            still.plan,
            quality=shot.quality,
            matte=None if ground is None else ground.nobody(),
            uncovers=uncovers,
            leaves=leaves,
            progress=lambda stage, done: progress(stage, BEFORE * done),
            cancel=cancel,
        )
        scene, played = _played(order, still, seen(scene), ground)
    with timed(spent, "path"):
        path = planned(scene)
        weights = calm(timing.frames, timing.fps, met, loop=timing.loop) if met else None
        motion, shadows, carried = object_motion(
            direction, scene, timing, plan=still.plan, weights=weights, bound=_bound(order)
        )
        if motion is not None:
            scene = within(scene, still.plan)
        scene, fields, natural, marks = _moved(order, direction, photo, still, scene, timing)
        effects, shown = effects_for(direction, scene, timing, shot.prompt)
        if weights is not None:
            fields, effects = calmed(fields, effects, weights)
    answered = carried + natural + shown
    effects = (*shadows, *effects)
    whole = path.starts_at_rest
    # where nothing binds frame 0, what moves may be under way in it
    exact = whole and (timing.exact or not (effects or motion))
    with timed(spent, "render"):
        footage = rendered(
            order, lowered(scene, path.relief), path.poses, fields, progress,
            effects=effects, motion=motion, first_exact=exact, cancel=cancel,
        )  # fmt: skip
    said = [
        *played, *path.instructions, *answered.instructions,
        *rest(direction, held=path.held, answered=answered),
    ]  # fmt: skip
    if timing.loop:
        said.append(Instruction("loop", "done", "it ends where it began"))
    begun = WHOLE if whole and not met else WITHIN.format(met) if met else INSIDE
    if ground is not None:
        said.insert(
            0, Instruction("background", "approximated", f"there is no picture: {ground.how}")
        )
        return Footage(footage, shot.frames, tuple(said), (ground.how, *marks), spent)
    return Footage(footage, shot.frames, tuple(said), (begun, *scene.notes, *marks), spent)


def _played(
    order: Order, still: Still, scene: Scene, ground: Ground | None
) -> tuple[Scene, tuple[Instruction, ...]]:
    """The scene with the order's characters in it, and what became of each."""
    if not order.cast:
        return scene, ()
    from mutoscope.engines.flipbook.casting.compose import with_cast

    home = None if ground is None else ground.home
    return with_cast(
        scene, still.plan, order.cast, order.shot.prompt, made=ground is not None, home=home
    )


def _moved(
    order: Order, direction: Direction, photo: Photo, still: Still, scene: Scene, timing: Timing
) -> tuple[Scene, tuple[Field, ...], Answered, tuple[str, ...]]:
    """The scene, made ready for what moves by itself, the fields of that, what became of each
    instruction for it, and notes on the marked regions."""
    from mutoscope.engines.flipbook.effects.chosen import WEATHER
    from mutoscope.engines.flipbook.nature.fields import claimed, fields_for, run_freely, wanted
    from mutoscope.engines.flipbook.nature.found import found_regions
    from mutoscope.engines.flipbook.nature.region import cover_of, plate_regions

    shot = order.shot
    asks = wanted(direction, WEATHER)
    if not shot.regions and not asks and claimed(direction, (), WEATHER) == direction:
        return scene, (), Answered(), ()
    plan, margins = still.plan, (scene.margin_x, scene.margin_y)
    regions, marks = plate_regions(shot.regions, order.masks, photo, plan, *margins)
    found = found_regions(asks, regions, photo, plan, *margins, cover=cover_of(scene))
    ready = claimed(direction, (*regions, *found), WEATHER)
    scene = run_freely(scene, regions)
    fields, said = fields_for(
        ready, {**regions, **found}, scene.height, frames=timing.frames, fps=timing.fps,
        loop=timing.loop, seed=timing.seed, prompt=shot.prompt, cover=cover_of(scene), found=found,
        picture=scene.plate,
    )  # fmt: skip
    return scene, fields, Answered(said, ready.motion), marks


def _bound(order: Order) -> str:
    """Why nothing can move by itself, where that is so."""
    from mutoscope.engines.flipbook.objects.chosen import CAST, DRAFT

    if order.cast:
        return CAST
    return DRAFT if order.shot.quality is Quality.DRAFT else ""


def _chosen(direction: Direction) -> Direction:
    """Where moves were refused and none was asked for, the camera rests rather than pick one that may
    be among those refused."""
    if direction.camera or not direction.refused:
        return direction
    return msgspec.structs.replace(
        direction, camera=(Move(move="static", start=0.0, end=direction.seconds),)
    )
