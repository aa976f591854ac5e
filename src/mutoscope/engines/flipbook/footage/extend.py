"""A film gone on with: its own frames as they are, then a camera through a scene of the last one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import PictureType

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.flipbook.camera.relief import lowered
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.disclosure import discloses
from mutoscope.engines.flipbook.footage import told
from mutoscope.engines.flipbook.footage.course import Course, course
from mutoscope.engines.flipbook.footage.drift import Drift, Small, drift, small
from mutoscope.engines.flipbook.footage.edit import notes, timed, write
from mutoscope.engines.flipbook.footage.reading import frames, rgb_of, tail
from mutoscope.engines.flipbook.footage.sound import kept
from mutoscope.engines.flipbook.footage.source import Source, look
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.scene import Rgb, Scene
from mutoscope.errors import CannotWrite, EngineFailed
from mutoscope.finish.encode import KEYFRAMES
from mutoscope.finish.frame import planes_of
from mutoscope.images.decode import open_photo
from mutoscope.images.plan import plan
from mutoscope.shot import Fit, Quality

#: Seconds at the end of the film that its usual motion is taken from.
WATCHED = 2.5
#: Points that go their own way, from which on it is said that they stop.
MOVING = 0.12
#: Of the work, what comes before the first frame is written.
_BEFORE = 0.35
#: How much of a frame's finest detail is added to it before it is moved.
CRISP = 0.25
FROZEN = "what moved by itself in the film stands still from the join on"


def extended(order: Order, path: Path, progress: Progress, cancel: Cancel) -> Footage:
    """The film at `path` and `shot.seconds` more. Raises BadInput for a film that cannot be read,
    CannotWrite, Cancelled between frames."""
    shot, direction = order.shot, order.direction
    spent: dict[str, float] = {}
    with timed(spent, "look"):
        source = look(path)
        end = ending(source, cancel)
    rate = float(source.rate)
    added = max(1, round(shot.seconds * rate))

    def coursed(scene: Scene) -> tuple[Course, Drift]:
        found = drift(end.copies, scene)
        view = View.of(scene)
        return course(direction, view, found, fps=rate, frames=added, seed=shot.seed), found

    def uncovers(scene: Scene) -> bool:
        way, _ = coursed(scene)
        return shot.quality is Quality.BEST or discloses(lowered(scene, way.relief), way.poses)

    with timed(spent, "scene"):
        scene = scene_of(
            end.frame, order, uncovers,
            lambda stage, done: progress(stage, _BEFORE * done), cancel,
        )  # fmt: skip
        way, found = coursed(scene)
    total = source.frames + added

    def shown() -> Iterator[av.VideoFrame]:
        # a keyframe at the join would renew the picture there: one is set half a stretch before
        early = source.frames - round(KEYFRAMES * rate / 2)
        for number, frame in enumerate(frames(source, cancel)):
            if number == early:
                frame.pict_type = PictureType.I
            yield frame
        yield from render(
            lowered(scene, way.relief), way.poses, first_exact=False, still=end.frame, cancel=cancel
        )

    with timed(spent, "render"):
        film = order.folder / "footage.mp4"
        step: Callable[[int], None] = lambda done: progress(  # noqa: E731
            "render", _BEFORE + (1 - _BEFORE) * done / total
        )
        written = write(film, shown(), source.size, source, step, cancel)
    sound = kept(film, source)
    if sound.endswith("kept"):
        sound += "; what was added is silent"
    said = (*way.instructions, *_unasked(order), *told.rest(direction))
    remarks = [*notes(source, sound), *scene.notes]
    if found.moving > MOVING:
        remarks.append(FROZEN)
    return Footage(film, written, said, tuple(remarks), spent, fps=rate, size=source.size)


@dataclass(frozen=True, slots=True)
class Ending:
    """The film's last frame, and small copies of the ones up to it."""

    frame: av.VideoFrame
    copies: tuple[Small, ...]


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


def scene_of(
    frame: av.VideoFrame, order: Order, uncovers: Callable[[Scene], bool],
    progress: Progress, cancel: Cancel,
) -> Scene:  # fmt: skip
    """The scene of a film's frame, of its size."""
    from mutoscope.engines.flipbook.taking.prepare import build_scene

    picture = order.folder / "last.png"
    rgb = crisp(rgb_of(frame))
    try:
        if not cv2.imwrite(str(picture), np.ascontiguousarray(rgb[..., ::-1])):
            raise CannotWrite(f"{picture} cannot be written: the disk may be full")
        photo = open_photo(picture)
        scene = build_scene(
            photo, plan(photo.size, photo.size, Fit.STRETCH),
            quality=order.shot.quality, uncovers=uncovers, progress=progress, cancel=cancel,
            remember=False,
        )  # fmt: skip
    finally:
        picture.unlink(missing_ok=True)
    hfov = order.direction.lens.hfov
    return scene if hfov is None else replace(scene, hfov=hfov)


def crisp(rgb: Rgb) -> Rgb:
    """A frame that will be sampled between its pixels, with what that takes from its sharpness."""
    soft = cv2.GaussianBlur(rgb, (0, 0), 0.9)
    return np.asarray(cv2.addWeighted(rgb, 1 + CRISP, soft, -CRISP, 0), np.uint8)


def _unasked(order: Order) -> Iterator[Instruction]:
    """Edits and sizes that an extension leaves alone."""
    for edit in order.direction.edits:
        how = "an extension keeps the film as it is; edit the extended film"
        yield Instruction(edit.words, "not_possible", how)
