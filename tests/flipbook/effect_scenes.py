"""Drawn scenes for the tests of effects: a textured plate, farther towards the top, and a red subject."""

from __future__ import annotations

from collections.abc import Iterable

import av
import numpy as np

from mutoscope.direction.model import Direction, Lens, Motion
from mutoscope.engines.flipbook.camera.model import AT_REST
from mutoscope.engines.flipbook.effects.chosen import effects_for
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import CELL, Scene, Subject
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.finish.frame import planes_of

WIDE, TALL, MARGIN = 320, 192, 16
FRAMES, FPS = 24, 12.0
Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


def drawn(*, subject: bool = True, near: float | None = None) -> Scene:
    """Grey stripes four pixels apart, brighter towards the top; in the middle a red disc. `near`: the
    disparity of everything, where it is not to fall with the row."""
    wide, tall = WIDE + 2 * MARGIN, TALL + 2 * MARGIN
    y, x = np.mgrid[0:tall, 0:wide]
    grey = 185 - 90 * y / tall + 26 * (((x // 4) + (y // 4)) % 2)
    plate = np.repeat(grey[..., None], 3, 2).astype(np.uint8)
    rows, cols = tall // CELL + 1, wide // CELL + 1
    by_row = np.repeat(np.linspace(0.0, 0.6, rows, dtype=np.float32)[:, None], cols, 1)
    disparity = by_row if near is None else np.full((rows, cols), near, np.float32)
    still = plate[MARGIN:-MARGIN, MARGIN:-MARGIN].copy()
    front = None
    if subject:
        side = 96
        v, u = np.mgrid[0:side, 0:side] - (side - 1) / 2
        alpha = np.clip(40.5 - np.hypot(u, v), 0, 1)
        colour = np.zeros((side, side, 3), np.uint8)
        colour[..., 0] = 150 + 50 * (((u // 4) + (v // 4)) % 2)
        grid = np.full((side // CELL + 1, side // CELL + 1), 0.9, np.float32)
        at = (TALL - side) // 2, (WIDE - side) // 2
        front = Subject(at[1], at[0], colour, np.rint(255 * alpha).astype(np.uint8), grid)
        part = still[at[0] : at[0] + side, at[1] : at[1] + side]
        part[:] = part * (1 - alpha[..., None]) + colour * alpha[..., None]
    return Scene(WIDE, TALL, MARGIN, MARGIN, plate, disparity, still, front, pivot=0.9)


def asked(*kinds: str, words: str = "", focus: str = "", target: str = "") -> Direction:
    """A direction that asks for these kinds, each in `words`."""
    motions = tuple(
        Motion(
            kind=kind, group="nature" if kind in ("rain", "snow") else "light", words=words,
            target=target,
        )
        for kind in kinds
    )  # fmt: skip
    lens = Lens(focus=focus)  # type: ignore[arg-type]
    return Direction(seconds=FRAMES / FPS, motion=motions, lens=lens)


def made(
    direction: Direction, scene: Scene, *, loop: bool = False, exact: bool = False, seed: int = 3
) -> tuple[tuple[Effect, ...], Answered]:
    return effects_for(direction, scene, Timing(FRAMES, FPS, loop, seed, exact))


def filmed(scene: Scene, effects: Iterable[Effect], numbers: Iterable[int]) -> list[Planes]:
    """Frames from a camera at rest, as planes."""
    renderer = Renderer(scene, effects=tuple(effects))
    pose = np.array(AT_REST)
    return [own(renderer.draw(pose, number)) for number in numbers]


def own(frame: av.VideoFrame) -> Planes:
    """Copies of a frame's planes without what rows have to spare."""
    luma, cb, cr = planes_of(frame)
    tall, wide = frame.height, frame.width
    half = slice(tall // 2), slice(wide // 2)
    return luma[:tall, :wide].copy(), cb[half].copy(), cr[half].copy()


def same(one: Planes, other: Planes) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def apart(one: Planes, other: Planes) -> float:
    """Mean difference of luma, codes."""
    return float(np.abs(one[0].astype(int) - other[0]).mean())
