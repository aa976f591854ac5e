"""A photograph's own stretch of a film of several: to it, from it, or about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import av
import msgspec

from mutoscope.compute.threads import Cancel
from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Instruction, Order, Still
from mutoscope.engines.flipbook.camera.path import CameraPath, plan_path
from mutoscope.engines.flipbook.camera.relief import lowered
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.disclosure import discloses
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.images.decode import open_photo
from mutoscope.shot import Quality


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some frames of a film, what became of the instructions in them, and notes."""

    frames: Iterator[av.VideoFrame]
    instructions: tuple[Instruction, ...] = ()
    notes: tuple[str, ...] = ()


def alone(
    order: Order, still: Still, direction: Direction, frames: int, met: int, *,
    loop: bool = False, shown: slice = slice(None), cancel: Cancel,
) -> Stretch:  # fmt: skip
    """`frames` frames of one picture, which is frame `met` of them exactly. `direction` is for this
    stretch; its moves come to rest where it ends, and so at the picture. With `loop` the frame after
    the last is the first again. Only the frames `shown` are made."""
    shot = order.shot
    direction = _resting(direction)

    def planned(scene: Scene) -> CameraPath:
        return plan_path(
            direction, View.of(scene), fps=shot.fps, frames=frames, loop=loop, seed=shot.seed,
            meets=met,
        )  # fmt: skip

    def seen(scene: Scene) -> Scene:
        hfov = direction.lens.hfov
        return scene if hfov is None else replace(scene, hfov=hfov)

    def uncovers(scene: Scene) -> bool:
        path = planned(seen(scene))
        return shot.quality is Quality.BEST or discloses(
            lowered(seen(scene), path.relief), path.poses
        )

    scene = build_scene(
        open_photo(still.original),
        still.plan,
        quality=shot.quality,
        uncovers=uncovers,
        cancel=cancel,
    )
    path = planned(seen(scene))
    made = render(
        lowered(seen(scene), path.relief), path.poses[shown], first_exact=False, cancel=cancel
    )
    return Stretch(made, path.instructions, scene.notes)


def _resting(direction: Direction) -> Direction:
    """Where moves are refused and none is asked for, the camera rests."""
    if direction.camera or not direction.refused:
        return direction
    still = Move(move="static", start=0.0, end=direction.seconds)
    return msgspec.structs.replace(direction, camera=(still,))
