"""What light, weather and lens cost: CPU milliseconds a frame, and films beside encoding alone.

A photograph with a subject over six tenths of the frame, no learned model involved. First what each
effect takes of a core for a frame, the renderer's own work apart: median over a film of 96 frames of the
least of three. Then films with it, rendered and encoded, in turn with encoding the same frames from
memory: medians of RUNS.

    python -m benchmarks.effects [RUNS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2

from benchmarks.render import FPS, SIZES, scene, way
from mutoscope.direction.model import Direction, Lens, Motion
from mutoscope.engines.flipbook.camera.model import Array
from mutoscope.engines.flipbook.effects.chosen import WEATHER, effects_for
from mutoscope.engines.flipbook.rendering.render import Renderer, render
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.encode import Mp4Writer
from mutoscope.shot import Size

FRAMES, RUNS = 96, 5
#: What is measured: the kinds together, and the bar in milliseconds a frame at 1280x720.
TABLE: tuple[tuple[str, tuple[str, ...], float | None], ...] = (
    ("golden hour", ("golden_hour",), 0.7),
    ("flicker", ("flicker",), 0.7),
    ("vignette", ("vignette",), 0.7),
    ("grain", ("film_grain",), None),
    ("rain, light and veil with it", ("rain",), None),
    ("snow, light and veil with it", ("snow",), None),
    ("fog", ("haze",), 1.5),
    ("shallow focus", ("shallow",), 4.0),
    ("focus pull", ("focus_pull",), 4.0),
    ("rain at golden hour, shallow focus, grain", ("shallow", "golden_hour", "rain", "film_grain"), None),
)  # fmt: skip
BAR = 2.0


def effects(one: Scene, kinds: tuple[str, ...]) -> tuple[Effect, ...]:
    """The effects of some kinds on a film of the scene."""
    motions = tuple(
        Motion(kind=kind, group="nature" if kind in WEATHER else "light", words=kind)
        for kind in kinds
        if kind != "shallow"
    )
    lens = Lens(focus="shallow" if "shallow" in kinds else "")
    direction = Direction(seconds=FRAMES / FPS, motion=motions, lens=lens)
    return effects_for(direction, one, Timing(FRAMES, FPS))[0]


def each(one: Scene, poses: Array, kinds: tuple[str, ...]) -> tuple[float, float]:
    """Milliseconds of a core that the effects take for a frame: the median, and the worst frame."""
    made = effects(one, kinds)
    renderer = Renderer(one, effects=made)
    taken = []
    for number, pose in enumerate(poses):
        renderer.effects = ()  # the frame as they get it
        drawn = renderer.draw(pose, number)
        times = []
        for _ in range(3):
            seen = renderer.seen(number, pose)
            begin = time.process_time()
            for effect in made:
                effect.apply(drawn, seen)
            times.append(time.process_time() - begin)
        taken.append(1000 * min(times))
    return statistics.median(taken), max(taken)


def film(path: Path, one: Scene, poses: Array, made: tuple[Effect, ...]) -> None:
    with Mp4Writer(path, Size(one.width, one.height), FPS) as writer:
        for frame in render(one, poses, effects=made, first_exact=False):
            writer.write(frame)


def ratio(
    one: Scene, poses: Array, kinds: tuple[str, ...], runs: int, folder: Path
) -> tuple[float, float]:
    """Seconds of rendering and encoding, and of encoding alone."""
    made = effects(one, kinds)
    ready = list(render(one, poses, effects=made, first_exact=False))
    took: dict[str, list[float]] = {"both": [], "encode": []}
    for _ in range(runs):
        begin = time.perf_counter()
        film(folder / "a.mp4", one, poses, made)
        took["both"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        with Mp4Writer(folder / "b.mp4", Size(one.width, one.height), FPS) as writer:
            for frame in ready:
                writer.write(frame)
        took["encode"].append(time.perf_counter() - begin)
    return statistics.median(took["both"]), statistics.median(took["encode"])


def main(runs: int = RUNS) -> None:
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            one = scene(size)
            poses = way(one, FRAMES)
            print(f"{size}, {FRAMES} frames ({runs} runs, medians)")
            print(
                f"  {'':42} {'ms a frame':>10} {'worst':>6} {'bar':>5}   "
                f"{'with it':>8} {'encoding':>8} {'ratio':>6}  bar"
            )
            for name, kinds, most in (("nothing", (), None), *TABLE):
                usual, worst = each(one, poses, kinds) if kinds else (0.0, 0.0)
                both, encode = ratio(one, poses, kinds, runs, Path(folder))
                bar = f"{most:.1f}" if most is not None and size == SIZES[0] else "-"
                print(
                    f"  {name:42} {usual:10.2f} {worst:6.2f} {bar:>5}   "
                    f"{both:7.2f}s {encode:7.2f}s {both / encode:6.2f}  {BAR}",
                    flush=True,
                )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
