"""Taking a 12 MP photograph apart for 1280x720, and what each part of it costs.

Models loaded and kernels compiled, as in a process that has made a film before; medians (and the
least) of five. The bars are 1.8 s with a subject layer and 0.9 s without; a scene that was made
before comes from the cache. The first line is a whole new process, imports and loading included.

    python -m benchmarks.scene [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.media import twelve_megapixels

BARS = {"with a subject layer": 1.8, "without": 0.9, "from the cache": 0.06}


def timed(work: Callable[[], object], runs: int) -> tuple[float, float, float]:
    """Median and least seconds of `runs`, and the least of this process's CPU seconds."""
    taken, busy = [], []
    for _ in range(runs):
        begin, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append(time.perf_counter() - begin)
        busy.append(time.process_time() - cpu)
    return statistics.median(taken), min(taken), min(busy)


def once(photo: Path) -> tuple[bool, float]:
    """Build a scene as if it were the first; whether it has a layer, and the seconds."""
    begin = time.perf_counter()
    from mutoscope.engines.flipbook.taking.prepare import build_scene
    from mutoscope.images.decode import open_photo
    from mutoscope.images.plan import plan
    from mutoscope.images.subject import forget
    from mutoscope.shot import Fit, Size

    forget()
    opened = open_photo(photo)
    laid = plan(opened.size, Size(1280, 720), Fit.COVER)
    scene = build_scene(opened, laid, remember=False)
    return scene.subject is not None, time.perf_counter() - begin


def second(photo: Path) -> None:
    """The scene as a second film gets it."""
    from mutoscope.engines.flipbook.taking.prepare import build_scene
    from mutoscope.images.decode import open_photo
    from mutoscope.images.plan import plan
    from mutoscope.shot import Fit, Size

    opened = open_photo(photo)
    build_scene(opened, plan(opened.size, Size(1280, 720), Fit.COVER))


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        os.environ["MUTOSCOPE_CACHE"] = name
        coffee = twelve_megapixels(Path(name) / "coffee.jpg")
        chelsea = twelve_megapixels(Path(name) / "chelsea.jpg", "chelsea.jpg")
        command = [sys.executable, "-m", "benchmarks.scene", "--once", str(coffee)]
        fresh = timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL), runs)
        print(f"{'a new process':24} {fresh[0]:6.2f} s  least {fresh[1]:.2f}")
        for photo in (coffee, chelsea):
            layered = once(photo)[0]
            what = "with a subject layer" if layered else "without"
            show(what, photo.stem, timed(lambda photo=photo: once(photo), runs))  # type: ignore[misc]
        second(coffee)
        show("from the cache", "coffee", timed(lambda: second(coffee), runs))


def show(what: str, photo: str, taken: tuple[float, float, float]) -> None:
    verdict = "met" if taken[0] <= BARS[what] else "NOT met"
    print(
        f"{what:24} {taken[0]:6.2f} s  least {taken[1]:.2f}  CPU {taken[2]:.2f}  "
        f"bar {BARS[what]:.2f} {verdict}  ({photo})"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        print(once(Path(sys.argv[2])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
