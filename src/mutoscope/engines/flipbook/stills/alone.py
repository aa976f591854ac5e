"""A photograph's own stretch of a film of several: to it, from it, or about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import av
import msgspec
import numpy as np

from mutoscope.compute.threads import Cancel
from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Instruction, Order, Still
from mutoscope.engines.flipbook.camera.model import AT_REST, Array, inverse_depth, source, travel
from mutoscope.engines.flipbook.camera.path import CameraPath, plan_path
from mutoscope.engines.flipbook.camera.relief import lowered
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.disclosure import discloses
from mutoscope.engines.flipbook.pairs.pace import Times
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.stills.speeds import Leg, places_of
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.images.decode import open_photo
from mutoscope.shot import Quality

#: Poses of a path a frame, where the film goes along it at a pace of its own.
DENSE = 4
#: A move that takes this part of the stretch takes all of it.
WHOLE = 0.95
#: The part of a path by the still whose speed is the speed there.
LITTLE = 0.02


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some frames of a film, what became of the instructions in them, and notes."""

    frames: Iterator[av.VideoFrame]
    instructions: tuple[Instruction, ...] = ()
    notes: tuple[str, ...] = ()


class Alone:
    """`frames` frames of one picture, which is frame `met` of them exactly. `direction` is for this
    stretch. With `loop` the frame after the last is the first again. Raises BadImage or Cancelled."""

    def __init__(
        self, order: Order, still: Still, direction: Direction, frames: int, met: int, *,
        loop: bool = False, cancel: Cancel,
    ):  # fmt: skip
        self.frames, self.met, self.loop = frames, met, loop
        self._order, self._cancel = order, cancel
        self._direction = _resting(direction)
        scene = build_scene(
            open_photo(still.original), still.plan, quality=order.shot.quality,
            uncovers=self._uncovers, leaves=self._leaves, cancel=cancel,
        )  # fmt: skip
        self._scene = self._seen(scene)
        self.path = self._planned(self._scene)

    def leg(self) -> Leg | None:
        """The stretch as a way that ends, or begins, at the picture; None where its moves have a time of
        their own and rest where they meet it."""
        if self.loop or self.met not in (0, self.frames - 1) or not self._one_go():
            return None
        poses = self._along(np.array([1 - LITTLE if self.met else LITTLE]))
        view = View.of(self._scene)
        points = places_of(view.width, view.height)
        rho = float(inverse_depth(view.pivot))
        gone = source(poses, view.lens, points, rho)[0] - source(AT_REST, view.lens, points, rho)[0]
        speed = (gone if self.met else -gone) / LITTLE / view.width
        return Leg(self.frames - 1, speed, speed)

    def stretch(self, at: Times | None = None, shown: slice = slice(None)) -> Stretch:
        """The frames `shown`; `at` is the pace along its path (one number a frame, 0 to 1)."""
        poses = self.path.poses
        if at is not None and len(at):
            poses = self._along(at)
            poses[self.met] = self.path.poses[self.met]
        made = render(
            lowered(self._scene, self.path.relief), poses[shown], first_exact=False,
            cancel=self._cancel,
        )  # fmt: skip
        return Stretch(made, self.path.instructions, self._scene.notes)

    def _one_go(self) -> bool:
        """It is under way all the time, by moves that no clock of their own drives."""
        seconds = self._direction.seconds
        moves = self._direction.camera
        going = all(move.move not in ("static", "handheld") for move in moves)
        whole = all(move.end - move.start >= WHOLE * seconds for move in moves)
        return going and whole and self._direction.style != "stop_motion" and self.frames > 2

    def _along(self, at: Times) -> Array:
        """Poses at parts `at` of the path's length."""
        dense = self._planned(self._scene, DENSE).poses
        view = View.of(self._scene)
        rho = float(inverse_depth(view.pivot))
        steps = [
            float(travel(after[None], view.lens, rho, before)[0])
            for before, after in pairwise(dense)
        ]
        length = np.concatenate([[0.0], np.cumsum(steps)])
        length /= max(float(length[-1]), 1e-9)
        columns = [np.interp(at, length, dense[:, column]) for column in range(dense.shape[1])]
        return np.stack(columns, axis=1)

    def _planned(self, scene: Scene, dense: int = 1) -> CameraPath:
        shot = self._order.shot
        frames = self.frames if dense == 1 else dense * (self.frames - 1) + 1
        return plan_path(
            self._direction, View.of(scene), fps=shot.fps * dense, frames=frames, loop=self.loop,
            seed=shot.seed, meets=self.met * dense,
        )  # fmt: skip

    def _seen(self, scene: Scene) -> Scene:
        hfov = self._direction.lens.hfov
        return scene if hfov is None else replace(scene, hfov=hfov)

    def _uncovers(self, scene: Scene) -> bool:
        scene = self._seen(scene)
        path = self._planned(scene)
        best = self._order.shot.quality is Quality.BEST
        return best or discloses(lowered(scene, path.relief), path.poses)

    def _leaves(self, scene: Scene) -> bool:
        return self._planned(self._seen(scene)).paint > 0


def _resting(direction: Direction) -> Direction:
    """Where moves are refused and none is asked for, the camera rests."""
    if direction.camera or not direction.refused:
        return direction
    still = Move(move="static", start=0.0, end=direction.seconds)
    return msgspec.structs.replace(direction, camera=(still,))
