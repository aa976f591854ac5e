"""A film's layers apart, frame by frame: for transparency, and for compositing programs.

The scene is drawn three times from the same poses: whole; without its subject; and with the subject white
before black, which is its matte. Everything that moves and every effect is in the first two alike, so
that for each frame film = plate·(1 - matte) + subject·matte; the subject's own colours follow from that
(`finish.cutout`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import av
import numpy as np
import numpy.typing as npt

from mutoscope.compute.ahead import ahead
from mutoscope.engines.flipbook.camera.model import Array
from mutoscope.engines.flipbook.nature.field import Field
from mutoscope.engines.flipbook.rendering.carried import SubjectMotion
from mutoscope.engines.flipbook.rendering.render import Cancel, Renderer
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.errors import Cancelled
from mutoscope.finish.frame import Plane, planes_of

Deep = npt.NDArray[np.uint16]

#: Frames that wait for the encoders: each has several planes.
DEPTH = 2


@dataclass(frozen=True, slots=True)
class Apart:
    """One frame. `matte` H×W, 255 where the subject is; `disparity` H×W, 0 the far plane, 65535 the
    near one."""

    film: av.VideoFrame
    plate: av.VideoFrame
    matte: Plane
    disparity: Deep | None = None


def render_apart(
    scene: Scene, poses: Array, fields: Sequence[Field] = (), *,
    effects: Sequence[Effect] = (), motion: SubjectMotion | None = None,
    first_exact: bool = True, depth: bool = False, cancel: Cancel | None = None,
) -> Iterator[Apart]:  # fmt: skip
    """The layers of `render`'s frames, its arguments the same; `depth`: with disparity."""
    whole = Renderer(scene, fields, effects=effects, motion=motion)
    plate = _emptied(whole, effects)
    matte = _matted(scene, fields, motion)
    return ahead(_frames(whole, plate, matte, poses, first_exact, depth, cancel), DEPTH)


def _frames(
    whole: Renderer, plate: Renderer, matte: Renderer, poses: Array, first_exact: bool,
    depth: bool, cancel: Cancel | None,
) -> Iterator[Apart]:  # fmt: skip
    near = whole.nearness(poses)
    tall, wide = whole.scene.height, whole.scene.width
    for number, pose in enumerate(poses):
        if cancel is not None and cancel():
            raise Cancelled("the film was stopped")
        film = whole.draw(pose, number, near[number])
        far = None
        if depth:
            seen = whole.seen(number, pose).disparity(1)
            far = np.rint(np.clip(seen, 0, 1) * 65535).astype(np.uint16)
        if number == 0 and first_exact:
            film = whole.still()
        # what the layers lack of the still is the same in both, so that it cancels where both are added
        behind = plate.draw(pose, number, near[number] * whole.unmoved(number))
        if matte.subject is None:
            veil = np.zeros((tall, wide), np.uint8)
        else:
            veil = planes_of(matte.draw(pose, number, 0.0))[0][:tall, :wide].copy()
        yield Apart(film, behind, veil, far)


def _emptied(whole: Renderer, effects: Sequence[Effect]) -> Renderer:
    """The same scene without its subject."""
    plate = Renderer(replace(whole.scene, subject=None), whole.fields, effects=effects)
    plate.lacking(whole)
    return plate


def _matted(scene: Scene, fields: Sequence[Field], motion: SubjectMotion | None) -> Renderer:
    """The subject white before black, in all 256 codes of luma."""
    black = replace(scene, plate=np.zeros_like(scene.plate), still=np.zeros_like(scene.still))
    made = Renderer(black, fields, motion=motion)
    made.plate = replace(made.plate, luma=np.zeros_like(made.plate.luma))
    if made.subject is not None:
        made.subject = replace(made.subject, luma=made.subject.alpha)
    return made
