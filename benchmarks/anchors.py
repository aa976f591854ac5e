"""Films through pictures at frames of their own, and a cut-out that moves: met exactly, without a stop or
a pop, and at what cost.

Three views of a photograph in examples/, 640x360, stand at frames 0, 16 and 31 of 32. The step is the mean
difference of luma between two frames; at the middle picture, as a part of its neighbours' median: 1 is an
even pace, 0 a stop. Beside: each way with a pace of its own, one after the other. A lone picture stands at
frame 16 of 32 under a camera move. The cost is CPU time a frame at 1280x720.

    python -m benchmarks.anchors
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from itertools import chain, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.media import EXAMPLES
from benchmarks.pairs import view
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Order, Still
from mutoscope.engines.flipbook.camera.path import plan_path
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.objects.chosen import object_motion
from mutoscope.engines.flipbook.pairs.transition import transition
from mutoscope.engines.flipbook.rendering.render import Renderer, render
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.stills.placed import placed
from mutoscope.engines.flipbook.stills.several import Chain
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.frame import planes_of, rgb_frame
from mutoscope.images.decode import open_photo
from mutoscope.images.framing import framing
from mutoscope.images.plan import plan
from mutoscope.shot import Anchor, Media, Role, Shot, Size

Rgb = npt.NDArray[np.uint8]
SIZE, FRAMES, FPS = Size(640, 360), 32, 24.0
AT = (0, 16, 31)
PHOTOGRAPHS = ("astronaut.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg")
#: zoom and shift (widths) of the three views
WAYS = {
    "zooms": ((1.0, 0.0), (1.15, 0.0), (1.15**2, 0.0)),
    "shifts": ((1.3, -0.06), (1.3, 0.0), (1.3, 0.06)),
}
MOVES = ("push in", "pull out", "pan right", "truck left", "orbit right", "tilt up")
MOTIONS = ("the cup floats", "the cup bounces", "the cup spins", "the cup slides to the right")
ROUNDS = 5


def luma(frame: av.VideoFrame) -> npt.NDArray[np.int32]:
    """A frame's Y codes."""
    return planes_of(frame)[0][:, : frame.width].astype(np.int32)


def evenness(frames: Iterable[av.VideoFrame], at: int) -> float:
    """The steps to and from frame `at` (the one that differs more), as a part of their neighbours'."""
    seen = [luma(frame) for frame in frames]
    step = np.array([np.abs(a - b).mean() for a, b in pairwise(seen)])
    around = np.r_[step[at - 5 : at - 1], step[at + 1 : at + 5]]
    parts = step[at - 1 : at + 1] / max(float(np.median(around)), 1e-6)
    return float(parts[np.argmax(np.abs(np.log(np.maximum(parts, 1e-6))))])


def alike(frame: av.VideoFrame, picture: Rgb) -> bool:
    """Whether a frame is a picture, byte for byte."""
    pairs = zip(planes_of(frame), planes_of(rgb_frame(picture)), strict=True)
    return all(bool((a == b).all()) for a, b in pairs)


def views(photo: Rgb, way: str) -> list[Rgb]:
    """The three pictures."""
    size = (SIZE.width, SIZE.height)
    return [
        np.asarray(cv2.resize(view(photo, *one), size, interpolation=cv2.INTER_AREA), np.uint8)
        for one in WAYS[way]
    ]


def through(pictures: list[Rgb], folder: Path) -> tuple[list[av.VideoFrame], int]:
    """Our film, and how many of its pictures it meets byte for byte."""
    anchors, stills = [], {}
    for place, (at, picture) in enumerate(zip(AT, pictures, strict=True)):
        file = folder / f"{place}.png"
        cv2.imwrite(str(file), picture[..., ::-1])
        anchors.append(Anchor(Media(f"{place:064x}", "image/png", 1), Role.FRAME, at))
        stills[place] = Still(file, plan(SIZE, SIZE))
    shot = Shot(size=SIZE, seconds=FRAMES / FPS, fps=FPS, anchors=tuple(anchors))
    order = Order(shot, direct("", shot.seconds), folder, stills)
    frames = list(Chain(order, placed(order), lambda: False).frames())
    met = sum(alike(frames[at], one) for at, one in zip(AT, pictures, strict=True))
    return frames, met


def one_by_one(pictures: list[Rgb]) -> list[av.VideoFrame]:
    """Each way with its own pace."""
    first = transition(pictures[0], pictures[1], AT[1] + 1).frames()
    other = transition(pictures[1], pictures[2], AT[2] - AT[1] + 1).frames()
    next(other)
    return [rgb_frame(rgb) for rgb in chain(first, other)]


def taken(name: str, size: Size) -> Scene:
    """A photograph's scene."""
    photo = open_photo(EXAMPLES / name)
    return build_scene(photo, framing(photo, size))


def chains() -> None:
    """Three pictures on one way."""
    print(f"{'pictures':24}{'met':>6}{'ours':>8}{'one by one':>12}   (bar: 3 met, .6 to 1.6)")
    for name in PHOTOGRAPHS:
        photo = open_photo(EXAMPLES / name).thumbnail(4096)
        for way in WAYS:
            pictures = views(photo, way)
            with tempfile.TemporaryDirectory() as folder:
                frames, met = through(pictures, Path(folder))
            row = f"{evenness(frames, AT[1]):8.2f}{evenness(one_by_one(pictures), AT[1]):12.2f}"
            print(f"{name.split('.')[0]} {way:12}"[:24].ljust(24) + f"{met:>4}/3{row}", flush=True)


def lone() -> None:
    """One picture that a camera move leads through."""
    print(f"\n{'lone picture':24}{'met':>6}{'ours':>8}   (bar: met, .4 to 1.6)")
    for name in PHOTOGRAPHS:
        scene = taken(name, SIZE)
        for words in MOVES:
            direction = direct(words, FRAMES / FPS)
            path = plan_path(direction, View.of(scene), fps=FPS, frames=FRAMES, meets=AT[1])
            frames = list(render(scene, path.poses, first_exact=False))
            met = "yes" if alike(frames[AT[1]], scene.still) else "NO"
            part = evenness(frames, AT[1])
            print(f"{name.split('.')[0] + ' ' + words:24}{met:>6}{part:8.2f}", flush=True)


def costs() -> None:
    """A cut-out that moves, beside one that stands."""
    scene, frames = taken("coffee.jpg", Size(1280, 720)), 48
    direction = direct("slow push in", 2.0)
    path = plan_path(direction, View.of(scene), fps=24, frames=frames)
    makers = {"stands": Renderer(scene)}
    for words in MOTIONS:
        motion, effects, _ = object_motion(direct(words, 2.0), scene, Timing(frames, 24.0))
        makers[words] = Renderer(scene, motion=motion, effects=effects)
    best = dict.fromkeys(makers, float("inf"))
    for _ in range(ROUNDS):
        for name, maker in makers.items():
            begin = time.process_time()
            for number in range(8, frames):
                maker.draw(path.poses[number], number, 0.0)
            best[name] = min(best[name], (time.process_time() - begin) / (frames - 8))
    print(f"\n{'render, 1280x720':32}{'ms a frame':>12}{'ratio':>8}   (bar: 1.8)")
    for name, seconds in best.items():
        print(f"{name:32}{1000 * seconds:12.2f}{seconds / best['stands']:8.2f}")


if __name__ == "__main__":
    chains()
    lone()
    costs()
