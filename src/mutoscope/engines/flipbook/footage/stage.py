"""What the added part of a film is filmed in: a scene, where the camera stands in it at the join, and
its course from there.

The photograph that the film was made from is the better scene, for it has what lies beyond the last
frame, and its own detail; it is used where the last frame is found in it. Else the scene is made of the
last frame.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import av
import cv2
import numpy as np

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.base import Order, Still
from mutoscope.engines.flipbook.camera.model import Array
from mutoscope.engines.flipbook.camera.relief import lowered
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.disclosure import discloses
from mutoscope.engines.flipbook.footage.course import Course, course
from mutoscope.engines.flipbook.footage.drift import Drift, Small, drift, posed, small
from mutoscope.engines.flipbook.footage.reading import rgb_of, tail
from mutoscope.engines.flipbook.footage.resume import Home, Pairs, home, paired
from mutoscope.engines.flipbook.footage.source import Source
from mutoscope.engines.flipbook.scene import Rgb, Scene
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.errors import CannotWrite, EngineFailed
from mutoscope.finish.frame import planes_of
from mutoscope.images.decode import Photo, open_photo
from mutoscope.images.plan import Plan, plan
from mutoscope.shot import Fit, Quality

#: Seconds at the end of the film that its usual motion is taken from.
WATCHED = 2.5
#: How much of a frame's finest detail is added to it before it is moved.
CRISP = 0.25
ORIGINAL = "it goes on in the photograph that the film was made from"
ELSEWHERE = (
    "the film does not end in the photograph that came with it; it goes on from its last frame"
)


@dataclass(frozen=True, slots=True)
class Ending:
    """The film's last frame, and small copies of the ones up to it."""

    frame: av.VideoFrame
    copies: tuple[Small, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """`scene` as it is drawn; `home` the pose that shows the last frame."""

    scene: Scene
    home: Array
    course: Course
    drift: Drift
    notes: tuple[str, ...]


def ending(source: Source, cancel: Cancel = lambda: False) -> Ending:
    """How the film ends."""
    count = max(2, round(WATCHED * float(source.rate)))
    copies: deque[Small] = deque(maxlen=count)
    final: av.VideoFrame | None = None
    for frame in tail(source, count, cancel):
        copies.append(small(planes_of(frame)[0][: frame.height, : frame.width]))
        final = frame
    if final is None:
        raise EngineFailed("the end of the source film could not be decoded")
    return Ending(final, tuple(copies))


class Staging:
    """Makes the stage for `frames` added frames."""

    def __init__(
        self, order: Order, source: Source, end: Ending, frames: int,
        progress: Progress, cancel: Cancel,
    ):  # fmt: skip
        self.order = order
        self.end = end
        self.frames = frames
        self.rate = float(source.rate)
        self.size = source.size
        self.progress = progress
        self.cancel = cancel

    def made(self) -> Stage:
        """The stage in the photograph, where the film ends in it; else in the last frame."""
        still = self._original()
        if still is None:
            return self._in_frame(())
        found = self._in_photograph(still)
        return found or self._in_frame((ELSEWHERE,))

    def _original(self) -> Still | None:
        """The one photograph that came with the film, framed as the film is."""
        stills = list(self.order.stills.values())
        if len(stills) != 1 or stills[0].plan.target != self.size:
            return None
        return stills[0]

    def _in_photograph(self, still: Still) -> Stage | None:
        pairs: Pairs | None = None

        def found(scene: Scene) -> Home | None:
            nonlocal pairs
            pairs = pairs or paired(scene.still, self.end.frame)
            return None if pairs is None else home(scene, self.end.frame, pairs)

        def uncovers(scene: Scene) -> bool:
            at = found(scene)
            return at is not None and self._uncovers(at.scene, at.offset, fixed=True)

        scene = self._scene(open_photo(still.original), still.plan, uncovers, remember=True)
        at = found(scene)
        if at is None:
            return None
        way, moved = self._course(at.scene, at.offset, fixed=True)
        notes = (ORIGINAL, *scene.notes)
        return Stage(at.scene, posed(at.offset[None])[0], way, moved, notes)

    def _in_frame(self, notes: tuple[str, ...]) -> Stage:
        picture = self.order.folder / "last.png"
        rgb = crisp(rgb_of(self.end.frame))
        rest = np.zeros(7)
        try:
            if not cv2.imwrite(str(picture), np.ascontiguousarray(rgb[..., ::-1])):
                raise CannotWrite(f"{picture} cannot be written: the disk may be full")
            photo = open_photo(picture)
            whole = plan(photo.size, photo.size, Fit.STRETCH)
            scene = self._scene(
                photo, whole, lambda scene: self._uncovers(scene, rest), remember=False
            )
        finally:
            picture.unlink(missing_ok=True)
        way, moved = self._course(scene, rest)
        if way.relief.share < 1:  # the speed at the join is that in the scene as it is filmed
            scene = lowered(scene, way.relief)
            way, moved = self._course(scene, rest, fixed=True)
        return Stage(scene, posed(rest[None])[0], way, moved, (*notes, *scene.notes))

    def _scene(
        self, photo: Photo, framed: Plan, uncovers: Callable[[Scene], bool], *, remember: bool
    ) -> Scene:
        scene = build_scene(
            photo, framed, quality=self.order.shot.quality, uncovers=uncovers,
            progress=self.progress, cancel=self.cancel, remember=remember,
        )  # fmt: skip
        hfov = self.order.direction.lens.hfov
        return scene if hfov is None else replace(scene, hfov=hfov)

    def _course(self, scene: Scene, at: Array, *, fixed: bool = False) -> tuple[Course, Drift]:
        """The course and the speed that it begins with. `fixed`: the scene's relief stays as it is."""
        view = View.of(scene)
        moved = drift(self.end.copies, scene, at)
        way = course(
            self.order.direction, replace(view, backdrop=None) if fixed else view, moved,
            fps=self.rate, frames=self.frames, seed=self.order.shot.seed, home=at,
        )  # fmt: skip
        return way, moved

    def _uncovers(self, scene: Scene, at: Array, *, fixed: bool = False) -> bool:
        if self.order.shot.quality is Quality.BEST:
            return True
        way, _ = self._course(scene, at, fixed=fixed)
        return discloses(lowered(scene, way.relief), way.poses)


def crisp(rgb: Rgb) -> Rgb:
    """A frame that will be sampled between its pixels, with what that takes from its sharpness."""
    soft = cv2.GaussianBlur(rgb, (0, 0), 0.9)
    return np.asarray(cv2.addWeighted(rgb, 1 + CRISP, soft, -CRISP, 0), np.uint8)
