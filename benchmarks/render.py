"""Rendering and encoding a film beside encoding its frames alone.

A photograph with a subject over six tenths of the frame, no learned model involved: 192 frames at
1280x720 and 1920x1080 are rendered and encoded (the scene's layers made anew each time), in turn with
encoding the same frames from memory. Medians of five. The same with every feature in use: water in
the lower third, the subject afloat, rain, haze, low light, shallow focus and grain. Then memory over 1,200
frames, and a clip of 4 s beside one of 20 s, each in a process of its own.

    python -m benchmarks.render [RUNS]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.media import EXAMPLES
from mutoscope.direction.model import Direction, Move
from mutoscope.direction.parse import direct
from mutoscope.engines.flipbook.camera.model import Array
from mutoscope.engines.flipbook.camera.path import plan_path
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.effects.chosen import effects_for
from mutoscope.engines.flipbook.nature.field import Field
from mutoscope.engines.flipbook.nature.fields import fields_for
from mutoscope.engines.flipbook.objects.chosen import object_motion
from mutoscope.engines.flipbook.rendering.carried import SubjectMotion
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import CELL, Scene, Subject
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.encode import Mp4Writer
from mutoscope.shot import Size

SIZES = (Size(1280, 720), Size(1920, 1080))
FRAMES, FPS, RUNS = 192, 24, 5
BAR, BUSY_BAR = 1.55, 2.0
#: What asks for everything at once.
WORDS = (
    "The cup floats, the lake ripples in the wind, it rains, light haze, golden hour light, "
    "shallow depth of field, film grain."
)


@dataclass(frozen=True, slots=True)
class Busy:
    """What moves and changes beside the camera."""

    fields: tuple[Field, ...] = ()
    effects: tuple[Effect, ...] = ()
    motion: SubjectMotion | None = None


def busy(one: Scene) -> Busy:
    """All that `WORDS` ask for, in that scene."""
    direction = direct(WORDS, FRAMES / FPS)
    timing = Timing(FRAMES, FPS)
    water = np.zeros(one.plate.shape[:2], np.uint8)
    water[len(water) * 2 // 3 :] = 255
    fields, _ = fields_for(direction, {"water": water}, one.height, frames=FRAMES, fps=FPS)
    effects, _ = effects_for(direction, one, timing)
    motion, shadows, _ = object_motion(direction, one, timing)
    if not (fields and effects and motion is not None):
        raise RuntimeError("not every feature is in use: this would measure something else")
    return Busy(fields, (*shadows, *effects), motion)


def scene(size: Size, source: str = "coffee.jpg") -> Scene:
    """A photograph filling the plate, disparity by row, an ellipse of it cut out as the subject."""
    photo = cv2.imread(str(EXAMPLES / source))
    if photo is None:
        raise FileNotFoundError(EXAMPLES / source)
    margin_x, margin_y = size.width // 20 // 16 * 16, size.height // 22 // 16 * 16
    wide, tall = size.width + 2 * margin_x, size.height + 2 * margin_y
    scale = max(wide / photo.shape[1], tall / photo.shape[0])
    large = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    large = large[(large.shape[0] - tall) // 2 :, (large.shape[1] - wide) // 2 :][:tall, :wide]
    plate = np.asarray(cv2.cvtColor(large, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    rows, cols = -(-tall // CELL) + 1, -(-wide // CELL) + 1
    by_row = np.clip((np.arange(rows) * CELL - margin_y) / size.height, 0, 1).astype(np.float32)
    still = plate[margin_y : margin_y + size.height, margin_x : margin_x + size.width].copy()
    width, height = int(size.width * 0.86) // 2 * 2, int(size.height * 0.9) // 2 * 2
    left, top = (size.width - width) // 4 * 2, (size.height - height) // 4 * 2
    y, x = np.mgrid[0:height, 0:width]
    far = np.hypot((x - width / 2) / (width / 2), (y - height / 2) / (height / 2))
    alpha = np.clip((1 - far) * height / 12, 0, 1)
    subject = Subject(
        left, top, still[top : top + height, left : left + width].copy(),
        np.round(255 * alpha).astype(np.uint8),
        np.full((-(-height // CELL) + 1, -(-width // CELL) + 1), 0.8, np.float32),
    )  # fmt: skip
    grid = np.repeat(by_row[:, None], cols, axis=1)
    return Scene(size.width, size.height, margin_x, margin_y, plate, grid, still, subject)


def way(one: Scene, frames: int, *, loop: bool = False) -> Array:
    """A dolly in with a little truck; with `loop` there and back."""
    seconds = frames / FPS
    moves = (
        Move(move="dolly_in", start=0, end=seconds),
        Move(move="truck_right", start=0, end=seconds, speed="slow"),
    )
    direction = Direction(seconds=seconds, camera=moves)
    return plan_path(direction, View.of(one), fps=FPS, frames=frames, loop=loop).poses


def film(
    path: Path, one: Scene, poses: Array, wrote: Callable[[int], None] | None = None,
    more: Busy | None = None,
) -> None:  # fmt: skip
    """The film of these poses, rendered and encoded."""
    more = more or Busy()
    made = render(
        one, poses, more.fields, effects=more.effects, motion=more.motion, first_exact=False
    )
    with Mp4Writer(path, Size(one.width, one.height), FPS) as writer:
        for frame in made:
            writer.write(frame)
            if wrote is not None:
                wrote(writer.frames)


def beside(size: Size, runs: int, folder: Path, *, features: bool = False) -> None:
    one = scene(size)
    poses = way(one, FRAMES)
    more = busy(one) if features else Busy()
    ready = list(
        render(one, poses, more.fields, effects=more.effects, motion=more.motion, first_exact=False)
    )
    took: dict[str, list[float]] = {"both": [], "encode": []}
    for _ in range(runs):
        begin = time.perf_counter()
        film(folder / "a.mp4", one, poses, more=more)
        took["both"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        with Mp4Writer(folder / "b.mp4", size, FPS) as writer:
            for frame in ready:
                writer.write(frame)
        took["encode"].append(time.perf_counter() - begin)
    both, encode = (statistics.median(took[name]) for name in ("both", "encode"))
    bar = BUSY_BAR if features else BAR
    same = (folder / "a.mp4").read_bytes() == (folder / "b.mp4").read_bytes()
    print(
        f"  {size!s:>10}  render + encode {both:6.2f} s ({FRAMES / both:5.1f} frames/s)   "
        f"encode alone {encode:6.2f} s ({FRAMES / encode:5.1f} frames/s)   "
        f"ratio {both / encode:.2f} {'met' if both / encode <= bar else 'NOT met'}   "
        f"same film: {'yes' if same else 'NO'}"
    )


def resident() -> float:
    """MB of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measured(frames: int) -> None:
    """In a process of its own: one 1280x720 clip, its memory and time as JSON."""
    marks: dict[int, float] = {}
    most, begun = 0.0, 0.0

    def wrote(number: int) -> None:
        nonlocal most, begun
        if number == FPS:  # past the layers and the encoder's own beginning
            begun = time.perf_counter()
        if number % 10 == 0 or number == frames:
            most = max(most, resident())
        if number in (30, 200, 600, frames - 10):
            marks[number] = resident()

    one = scene(SIZES[0])
    # the same four seconds again and again: a slower move is less work for the encoder
    poses = np.tile(way(one, 4 * FPS, loop=True), (-(-frames // (4 * FPS)), 1))[:frames]
    with tempfile.TemporaryDirectory() as folder:
        film(Path(folder) / "a.mp4", one, poses, wrote)
        each = (time.perf_counter() - begun) / (frames - FPS)
    print(json.dumps({"each": each, "peak": most, "marks": marks}))


def apart(frames: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.render", "--measure", str(frames)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def main(runs: int = RUNS) -> None:
    print(f"{FRAMES} frames, plate and subject layer, x264 veryfast crf 18 ({runs} runs, medians)")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            beside(size, runs, Path(folder))
        print(f"  bar: at most {BAR}. With every feature in use, at most {BUSY_BAR}:")
        for size in SIZES:
            beside(size, runs, Path(folder), features=True)
    long = apart(1200)
    print(f"  memory over 1,200 frames at 1280x720, MB at frame: {long['marks']}")
    pairs = [(apart(4 * FPS), apart(20 * FPS)) for _ in range(runs)]
    peaks = [statistics.median(pair[place]["peak"] for pair in pairs) for place in (0, 1)]
    each = [statistics.median(pair[place]["each"] for pair in pairs) for place in (0, 1)]
    print(
        f"  4 s against 20 s: peak {peaks[0]:.0f} and {peaks[1]:.0f} MB "
        f"({peaks[1] / peaks[0] - 1:+.1%}; bar 10%), {1000 * each[0]:.2f} and {1000 * each[1]:.2f} ms "
        f"for a further frame ({each[1] / each[0] - 1:+.1%}; bar 15%)"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measured(int(sys.argv[2]))
    else:
        main(*(int(word) for word in sys.argv[1:]))
