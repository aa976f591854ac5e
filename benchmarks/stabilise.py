"""Shaken films made steady, beside FFmpeg's deshake and vidstab.

Two photographs under a known way (a hand that shakes at 1.5 to 9 Hz; the camera stands, pans or pushes in), 96
frames at 640x360. What is left of the shake is measured in each result by the same rule (`steady.shake`: the RMS
of the change of the picture's speed, pixels a frame), and CPU seconds of the whole. vidstab looks at the film twice,
with its usual settings (shakiness 5, smoothing 10) and with smoothing 30; deshake once. The bar: less left than of
any of them, on every film.

    python -m benchmarks.stabilise
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from benchmarks.media import EXAMPLES
from mutoscope.engines.flipbook.footage.reading import frames
from mutoscope.engines.flipbook.footage.source import look
from mutoscope.engines.flipbook.footage.steady import CROPS, measured, shake, steadied
from mutoscope.engines.flipbook.footage.window import through
from mutoscope.finish.encode import Mp4Writer
from mutoscope.finish.frame import rgb_frame
from mutoscope.shot import Size

SIZE, FRAMES, FPS = Size(640, 360), 96, 24
WAYS = ("stands", "pans", "pushes in")
Rows = npt.NDArray[np.float64]


def way(name: str, seed: int) -> Rows:
    """n×4: right and down in pixels, turn, size as a logarithm."""
    chance = np.random.default_rng(seed)
    times = np.arange(FRAMES) / FPS
    made = np.zeros((FRAMES, 4))
    for axis, (size, most) in enumerate(((4.0, 9.0), (3.0, 9.0), (0.009, 8.0))):
        hertz, phase = chance.uniform(1.5, most, 24), chance.uniform(0, 2 * np.pi, 24)
        shaken = np.cos(2 * np.pi * np.outer(times, hertz) + phase).sum(axis=1)
        made[:, axis] = size * shaken / shaken.std()
    if name == "pans":
        made[:, 0] += np.linspace(-0.22, 0.22, FRAMES) * SIZE.width
    if name == "pushes in":
        made[:, 3] = np.linspace(0, 0.15, FRAMES)
    return made


def shaken(path: Path, photo: str, name: str, seed: int) -> Path:
    """The photograph seen along that way, as a film."""
    picture = cv2.imread(str(EXAMPLES / photo))
    if picture is None:
        raise FileNotFoundError(EXAMPLES / photo)
    scale = 1.7 * max(SIZE.width / picture.shape[1], SIZE.height / picture.shape[0])
    large = cv2.resize(picture[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    middle = np.array(large.shape[1::-1]) / 2
    with Mp4Writer(path, SIZE, FPS, crf=14) as film:
        for right, down, turn, size in way(name, seed):
            cos, sin = np.cos(turn) / np.exp(size), np.sin(turn) / np.exp(size)
            window = np.array([[cos, -sin, 0], [sin, cos, 0]])
            window[:, 2] = middle - window[:, :2] @ (SIZE.width / 2, SIZE.height / 2)
            window[:, 2] += (right, down)
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            seen = cv2.warpAffine(large, window, (SIZE.width, SIZE.height), flags=flags)
            film.write(rgb_frame(np.ascontiguousarray(seen, np.uint8)))
    return path


def ours(given: Path, out: Path) -> None:
    source = look(given)
    made = steadied(frames(source), source.size, float(source.rate), CROPS["normal"])
    with Mp4Writer(out, SIZE, FPS, crf=16) as film:
        for frame in through(frames(source), made.windows, source.size):
            film.write(frame)


def deshake(given: Path, out: Path) -> None:
    _ffmpeg(given, "deshake", out)


def vidstab(smoothing: int) -> Callable[[Path, Path], None]:
    def made(given: Path, out: Path) -> None:
        found = out.with_suffix(".trf")
        _ffmpeg(given, f"vidstabdetect=shakiness=5:result={found}", None)
        _ffmpeg(given, f"vidstabtransform=input={found}:smoothing={smoothing}", out)

    return made


def _ffmpeg(given: Path, filters: str, out: Path | None) -> None:
    to = ["-f", "null", "-"] if out is None else ["-crf", "16", "-preset", "veryfast", str(out)]
    line = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-i", str(given), "-vf", filters]
    subprocess.run([*line, *to], check=True)


METHODS: dict[str, Callable[[Path, Path], None]] = {
    "ours": ours,
    "deshake": deshake,
    "vidstab 10": vidstab(10),
    "vidstab 30": vidstab(30),
}


def left(path: Path) -> float:
    """The shake in a film."""
    found, _ = measured(frames(look(path)))
    return shake(found, SIZE)


def spent(work: Callable[[], None]) -> float:
    """CPU seconds of this process and its children."""

    def now() -> float:
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in both)

    before = now()
    work()
    return now() - before


def main() -> None:
    print(f"{FRAMES} frames, {SIZE}; shake in pixels a frame: before, and left by each (CPU s)")
    print(f"  {'film':<22} {'before':>8}" + "".join(f"{name:>18}" for name in METHODS))
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for photo in ("rocket.jpg", "coffee.jpg"):
            for seed, name in enumerate(WAYS):
                given = shaken(Path(folder) / "given.mp4", photo, name, seed)
                row, found = f"  {photo + ', ' + name:<22} {left(given):8.2f}", []
                for method in METHODS.values():
                    out = Path(folder) / "out.mp4"
                    took = spent(lambda method=method, given=given, out=out: method(given, out))  # type: ignore[misc]
                    found.append(left(out))
                    row += f"{found[-1]:10.2f} ({took:5.2f})"
                worst = max(worst, found[0] / min(found[1:]))
                print(row, flush=True)
    print(f"  ours beside the best of the others: at worst {worst:.2f} (bar: below 1.00)")


if __name__ == "__main__":
    main()
