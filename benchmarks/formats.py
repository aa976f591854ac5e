"""Every format that a film can be written in, beside FFmpeg's command line doing the same.

The frames of a film (a photograph under a push in, 4 s, 1280x720; 640x360 for picture files) are written by
`finish.writers` from memory, in turn with FFmpeg reading the same frames as y4m, with the same codec at the same settings where it
has it. CPU seconds of both (the least of RUNS), sizes, and PSNR of luma and colour against the frames. The bar: at most
1.35 times FFmpeg's CPU time; not for GIF, of which FFmpeg holds the whole film in memory and ours waits on the disk.

    python -m benchmarks.formats [RUNS]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from benchmarks.render import scene, way
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.finish.footage import chosen
from mutoscope.finish.formats import Format, formats
from mutoscope.finish.frame import planes_of
from mutoscope.finish.gif import DITHER
from mutoscope.finish.rgb import rgb
from mutoscope.finish.writers import writer
from mutoscope.shot import Size

FILM, PICTURE = Size(1280, 720), Size(640, 360)
FRAMES, FPS, RUNS = 96, 24, 3
BAR = 1.35
Rgb = npt.NDArray[np.uint8]
_WEBP = ("-quality", "80", "-compression_level", "3", "-loop", "0")
_GIF = f"split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse={DITHER}"


def frames_of(size: Size) -> list[av.VideoFrame]:
    """The film, rendered."""
    one = scene(size)
    return list(render(one, way(one, FRAMES), first_exact=False))


def y4m(path: Path, frames: list[av.VideoFrame], size: Size) -> None:
    """The frames as FFmpeg's command line reads them."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{size.width} H{size.height} F{FPS}:1 Ip A1:1 C420mpeg2\n".encode())
        for frame in frames:
            file.write(b"FRAME\n")
            for number, plane in enumerate(planes_of(frame)):
                part = 1 if number == 0 else 2
                shown = plane[: size.height // part, : size.width // part]
                file.write(np.ascontiguousarray(shown).tobytes())


def command(form: Format, source: Path, out: Path) -> list[str]:
    """FFmpeg's for the same."""
    colours = ["-color_range", "tv", "-colorspace", "bt709"]
    start = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *colours, "-i", str(source)]
    coding = form.coding
    if coding.kind == "gif":
        return [*start, "-vf", _GIF, str(out)]
    if coding.kind == "stills":
        out.mkdir()
        return [*start, "-compression_level", "2", str(out / "%05d.png")]
    if coding.kind == "pillow":
        return [*start, "-c:v", "libwebp_anim", *_WEBP, str(out)]
    options = [word for name, value in coding.options.items() for word in _option(name, value)]
    pixels = "yuv420p" if coding.pixels == "yuvj420p" else coding.pixels
    tag = ["-tag:v", coding.tag] if coding.tag else []
    gop = ["-g", str(2 * FPS)] if coding.codec.startswith("lib") else []
    loop = ["-loop", "0"] if coding.container else []
    return [*start, "-c:v", coding.codec, "-pix_fmt", pixels, *options, *tag, *gop, *loop, str(out)]


def _option(name: str, value: str) -> tuple[str, str]:
    return f"-{'b:v' if name == 'b' else name}", value


def spent(work: Callable[[], None], who: int) -> float:
    """CPU seconds of this process, or of its children."""
    before = resource.getrusage(who)
    work()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def weight(path: Path) -> float:
    """Kilobytes of a file or a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files) / 1e3


def fidelity(path: Path, frames: list[av.VideoFrame]) -> float:
    """PSNR of RGB against the frames, over a few of them."""
    numbers = [0, FRAMES // 3, FRAMES - 1]
    off = [
        np.mean((shown.astype(np.float64) - rgb(frames[number])) ** 2)
        for number, shown in chosen(path, numbers, frames[0].width)
    ]
    return min(99.9, float(10 * np.log10(255**2 / max(1e-9, np.mean(off)))))


def measured(
    form: Format, runs: int, folder: Path
) -> tuple[float, float, float, float, float, float]:
    """CPU seconds of ours and FFmpeg's, kilobytes of both, PSNR of both."""
    size = PICTURE if form.short else FILM
    frames = frames_of(size)
    source = folder / "source.y4m"
    y4m(source, frames, size)
    ours, theirs = folder / f"ours{form.suffixes[0]}", folder / f"theirs{form.suffixes[0]}"

    def write() -> None:
        with writer(ours, size, FPS, form) as film:
            for frame in frames:
                film.write(frame)

    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        took[0].append(spent(write, resource.RUSAGE_SELF))
        if theirs.is_dir():
            for one in theirs.iterdir():
                one.unlink()
            theirs.rmdir()
        line = command(form, source, theirs)
        took[1].append(
            spent(lambda line=line: _run(line), resource.RUSAGE_CHILDREN)  # type: ignore[misc]
        )
    return (
        min(took[0]), min(took[1]), weight(ours), weight(theirs),
        fidelity(ours, frames), fidelity(theirs, frames),
    )  # fmt: skip


def _run(line: list[str]) -> None:
    subprocess.run(line, check=True, env=dict(os.environ, SVT_LOG="1"))


def main(runs: int = RUNS) -> None:
    os.environ.setdefault("SVT_LOG", "1")
    print(f"{FRAMES} frames, {FILM}, or {PICTURE} for picture files; least of {runs} runs")
    print("  format    CPU s: ours  ffmpeg  ratio     kB: ours   ffmpeg   PSNR: ours  ffmpeg")
    began = time.perf_counter()
    for form in _in_order():
        with tempfile.TemporaryDirectory() as folder:
            one, other, heavy, other_heavy, good, other_good = measured(form, runs, Path(folder))
        print(
            f"  {form.name:<8} {one:12.2f} {other:7.2f} {one / other:6.2f} {heavy:13.0f} "
            f"{other_heavy:8.0f} {good:12.1f} {other_good:7.1f}",
            flush=True,
        )
    print(f"  bar: {BAR:.2f} times the CPU time; took {time.perf_counter() - began:.0f} s")


def _in_order() -> Iterator[Format]:
    yield from formats().values()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
