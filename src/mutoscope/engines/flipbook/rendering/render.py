"""Frames of a Scene under a camera: from poses to yuv420p film frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import av
import numpy as np
import numpy.typing as npt

from mutoscope.compute.ahead import ahead
from mutoscope.engines.flipbook.camera import model as camera
from mutoscope.engines.flipbook.camera.model import FAR, TX, TZ, Array, Lens
from mutoscope.engines.flipbook.nature.field import Field
from mutoscope.engines.flipbook.rendering import fill, positions
from mutoscope.engines.flipbook.rendering.carried import SubjectMotion
from mutoscope.engines.flipbook.rendering.layers import Layer, layers_of
from mutoscope.engines.flipbook.rendering.positions import STEP
from mutoscope.engines.flipbook.rendering.seen import Baring, Effect, Replating, Seen
from mutoscope.engines.flipbook.scene import CELL, Grid, Scene
from mutoscope.errors import BadShot, Cancelled
from mutoscope.finish.bt709 import convert, planes
from mutoscope.finish.frame import Plane, blank, planes_of

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.rendering.pushing import Moving, Pushed

Cancel = Callable[[], bool]

#: The still's own pixels fade into the layers while the picture travels this far (pixels of 1280).
FADE = 2.5
LEAST_SIDE, MOST_SIDE = 64, 4096


class Renderer:
    """A scene made ready; `draw` makes one frame. Holds packed layers and its work space.

    `still` is what the scene shows from `home` (a pose; at rest, where left out) where that is a film's
    frame already: its own planes are truer than what comes back of them."""

    def __init__(
        self, scene: Scene, fields: Sequence[Field] = (), *,
        effects: Sequence[Effect] = (), motion: SubjectMotion | None = None,
        still: av.VideoFrame | None = None, home: Array | None = None,
    ):  # fmt: skip
        for side, pixels in (("width", scene.width), ("height", scene.height)):
            if pixels % 2 or not LEAST_SIDE <= pixels <= MOST_SIDE:
                raise BadShot.of(
                    f"size.{side}", pixels, f"an even number from {LEAST_SIDE} to {MOST_SIDE}"
                )
        self.scene = scene
        self.fields = tuple(fields)
        self.effects = tuple(effects)
        self._baring = tuple(effect for effect in self.effects if isinstance(effect, Baring))
        self._replating = tuple(effect for effect in self.effects if isinstance(effect, Replating))
        self.motion = motion
        self.lens = Lens(scene.width, scene.height, scene.hfov)
        self.plate, self.subject = layers_of(scene)
        self._still = planes(scene.still) if still is None else _own(still)
        rows, cols = -(-scene.height // STEP), -(-scene.width // STEP)
        self._modes = np.zeros((rows, cols), np.uint8)
        self._moving = self._pusher()
        shape = (rows + 1, cols + 1)
        self._xs, self._ys = np.zeros(shape), np.zeros(shape)
        self._us, self._vs = np.zeros(shape), np.zeros(shape)
        self._fixed = tuple(np.zeros(shape, np.int64) for _ in range(8))
        self._lines = np.zeros((4, cols + 1), np.int64)
        self._texels = np.zeros((fill.LUMA_LINES, cols * STEP), np.uint32)
        self._pairs = np.zeros((fill.CHROMA_LINES, cols * STEP // 2), np.uint32)
        self._smaller: dict[int, Plane] = {}  # for what the effects see
        self._fade = FADE * scene.width / 1280
        self._home = np.array(camera.AT_REST if home is None else home, dtype=np.float64)
        self._rest = self._left_over()

    def _pusher(self) -> Moving | None:
        """What runs the kernels of the fields; without any, those are not even compiled."""
        if not self.fields:
            return None
        from mutoscope.engines.flipbook.rendering.pushing import Moving

        return Moving(self.scene, self.fields, self.subject)

    def _left_over(self) -> tuple[npt.NDArray[np.int16], ...]:
        """What the layers at rest lack of the still, in each plane."""
        frame = blank(self.scene.width, self.scene.height)
        self._compose(frame, self._home, None, None)
        drawn = planes_of(frame)
        return tuple(
            still.astype(np.int16) - seen[:, : still.shape[1]]
            for still, seen in zip(self._still, drawn, strict=True)
        )

    def still(self) -> av.VideoFrame:
        """The prepared still itself as a frame."""
        frame = blank(self.scene.width, self.scene.height)
        convert(self.scene.still, *planes_of(frame))
        return frame

    def nearness(self, poses: Array) -> Array:
        """How near to rest each of `poses` (n×7) is: 1 at rest, 0 from FADE pixels of travel on."""
        pivot = float(camera.inverse_depth(self.scene.pivot))
        gone = camera.travel(poses, self.lens, pivot, self._home)
        share = np.maximum(0.0, 1 - gone / self._fade)
        near: Array = share * share * (3 - 2 * share)
        return near

    def draw(self, pose: Array, number: int = 0, near: float | None = None) -> av.VideoFrame:
        """The frame that `pose` (7 numbers) sees, with the fields, the subject's own motion and the
        effects as they stand at frame `number`.

        Near rest (`near`: its `nearness`, where that is known) what the layers lack of the still is
        added, less with every bit of travel, so that the film leaves the still without a jump.
        """
        frame = blank(self.scene.width, self.scene.height)
        pushed = None if self._moving is None else self._moving.at(number)
        pose = np.asarray(pose, dtype=np.float64)
        bare = any(effect.bare(number) for effect in self._baring)
        self._compose(frame, pose, pushed, number, bare)
        close = float(self.nearness(pose[None])[0] if near is None else near)
        weight = round(256 * close * self.unmoved(number))
        if weight > 0:
            self._add_rest(frame, weight, pushed)
        if self.effects:
            seen = self.seen(number, pose)
            for effect in self.effects:
                effect.apply(frame, seen)
        return frame

    def unmoved(self, number: int) -> float:
        """1 where the subject stands as it was photographed, 0 from FADE pixels away on."""
        subject = self.scene.subject
        if self.motion is None or subject is None:
            return 1.0
        reach = float(np.hypot(*subject.alpha.shape))
        return max(0.0, 1 - self.motion.gone(number, reach) / self._fade)

    def lacking(self, other: Renderer) -> None:
        """Take what another renderer of the same still lacks of it for what this one does."""
        self._rest = other._rest

    def seen(self, number: int, pose: Array) -> Seen:
        """The geometry of the frame that was drawn last."""
        own = None if self.subject is None else (self._us, self._vs)
        plate = (self._xs, self._ys)
        return Seen(self.scene, number, pose, plate, own, self._modes, self._smaller)

    def _add_rest(self, frame: av.VideoFrame, weight: int, pushed: Pushed | None) -> None:
        """Add what the layers lack of the still. In the cells that a field moves, too: what lacks there
        is the subject's edge, unless the subject itself moves."""
        held = None
        if self._moving is not None and pushed is not None:
            held = self._moving.held(pushed, (self._us, self._vs))
        if held is None:
            for plane, rest in zip(planes_of(frame), self._rest, strict=True):
                fill.add(plane, rest, weight)
            return
        from mutoscope.engines.flipbook.rendering import moving

        cells = (STEP, STEP // 2, STEP // 2)
        for plane, rest, cell in zip(planes_of(frame), self._rest, cells, strict=True):
            moving.add(plane, rest, weight, held, cell)

    def _plate(self, number: int | None) -> Layer:
        """What the plate's layer is in a frame."""
        if number is not None:
            for effect in self._replating:
                other = effect.replated(number, self.plate.scale)
                if other is not None:
                    return other
        return self.plate

    def _solve(
        self, xs: Array, ys: Array, ray: Array, pose: Array, grid: Grid, at: tuple[int, int]
    ) -> None:
        cx, cy = self.lens.centre
        lens = np.array([self.lens.focal, cx, cy, *pose[TX : TZ + 1], FAR])
        grid = np.ascontiguousarray(grid, dtype=np.float32)
        positions.solve(xs, ys, ray, lens, grid, *map(float, at), float(CELL), float(STEP))

    def _compose(
        self, frame: av.VideoFrame, pose: Array, pushed: Pushed | None, number: int | None,
        bare: bool = False,
    ) -> None:  # fmt: skip
        scene, plate, subject = self.scene, self._plate(number), self.subject
        ray = np.ascontiguousarray(camera.rays(pose[None], self.lens)[0])
        self._solve(self._xs, self._ys, ray, pose, scene.plate_disparity, (plate.left, plate.top))
        px, py, qx, qy, sx, sy, tx, ty = self._fixed
        _samples(self._xs, self._ys, px, py, plate, inside=True)
        _chroma_samples(self._xs, self._ys, qx, qy, plate, inside=True)
        self._modes[:] = 0
        front = plate
        if subject is not None and scene.subject is not None:
            front = subject
            corner = (scene.subject.x, scene.subject.y)
            self._solve(self._us, self._vs, ray, pose, scene.subject.disparity, corner)
            if self.motion is not None and number is not None:
                self.motion.undo(number, self._us, self._vs)
            _samples(self._us, self._vs, sx, sy, subject, inside=False)
            _chroma_samples(self._us, self._vs, tx, ty, subject, inside=False)
            positions.classify(
                self._us, self._vs, subject.least, subject.most, self._modes,
                float(subject.left), float(subject.top), subject.width, subject.height,
            )  # fmt: skip
        if self._moving is not None and pushed is not None:
            placed = (self._xs, self._ys), (self._us, self._vs)
            self._moving.mark(pushed, *placed, self._modes)
        if bare:
            self._modes[:] = 0
        luma, cb, cr = planes_of(frame)
        tall, wide = scene.height, scene.width
        bright = (
            luma,
            wide,
            tall,
            px,
            py,
            plate.luma,
            self._modes,
            sx,
            sy,
            front.luma,
            front.alpha,
        )
        colour = (
            cb, cr, wide // 2, tall // 2, qx, qy, plate.chroma, self._modes, tx, ty,
            front.chroma, front.alpha_chroma,
        )  # fmt: skip
        fill.luma(*bright, self._lines, self._texels)
        fill.chroma(*colour, self._lines, self._pairs)
        if self._moving is not None and pushed is not None:
            self._moving.draw(pushed, bright, colour, plate)


def _own(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """A frame's planes without what its rows have to spare."""
    luma, cb, cr = planes_of(frame)
    columns, rows = frame.width // 2, frame.height // 2
    return luma[: frame.height, : frame.width], cb[:rows, :columns], cr[:rows, :columns]


def _samples(
    xs: Array,
    ys: Array,
    fx: positions.Fixed,
    fy: positions.Fixed,
    layer: Layer,
    *,
    inside: bool,
) -> None:
    height, wide = layer.luma.shape
    positions.fix(
        xs,
        ys,
        fx,
        fy,
        float(layer.left),
        float(layer.top),
        float(layer.scale),
        wide - 1,
        height,
        inside,
    )


def _chroma_samples(
    xs: Array,
    ys: Array,
    fx: positions.Fixed,
    fy: positions.Fixed,
    layer: Layer,
    *,
    inside: bool,
) -> None:
    # a chroma row lies half a luma row down
    height, wide = layer.chroma.shape
    positions.fix(xs, ys, fx, fy, float(layer.left), layer.top + 0.5, 0.5, wide - 1, height, inside)


def frames(
    renderer: Renderer, poses: Array, *, first_exact: bool = True, cancel: Cancel | None = None
) -> Iterator[av.VideoFrame]:
    """The frames of `poses` (n×7), one after the other, in the caller's thread."""
    near = renderer.nearness(poses)
    for number, pose in enumerate(poses):
        if cancel is not None and cancel():
            raise Cancelled("the film was stopped")
        if number == 0 and first_exact:
            yield renderer.still()
        else:
            yield renderer.draw(pose, number, near[number])


def render(
    scene: Scene, poses: Array, fields: Sequence[Field] = (), *,
    effects: Sequence[Effect] = (), motion: SubjectMotion | None = None,
    first_exact: bool = True, still: av.VideoFrame | None = None, home: Array | None = None,
    cancel: Cancel | None = None,
) -> Iterator[av.VideoFrame]:  # fmt: skip
    """Frames of `scene` seen from `poses` (n×7: tx, ty, tz, yaw, pitch, roll, zoom; radians), made
    in a thread of their own while the caller encodes: yuv420p, BT.709, limited range.

    With `first_exact` frame 0 is the still's own pixels (its pose should be at rest); `still` is the
    film's frame that the scene shows from the pose `home`, where there is one. `motion` is the
    subject's own, `effects` change the finished picture, in their order. Same arguments, same bytes.
    Raises BadShot for a size that film does not have, Cancelled between frames when `cancel` says so.
    """
    renderer = Renderer(scene, fields, effects=effects, motion=motion, still=still, home=home)
    return ahead(frames(renderer, poses, first_exact=first_exact, cancel=cancel))
