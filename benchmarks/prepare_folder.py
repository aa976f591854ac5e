"""A folder of 100 12-MP JPEGs to 1280x720, beside what people use for it.

a. the usual Pillow loop: a pool of 4 threads; open, exif_transpose, RGB, ImageOps.pad with Lanczos,
   JPEG at quality 95
b. ffmpeg (from imageio-ffmpeg): scale and pad, -q:v 2, two processes at a time

All three pad on black, take turns, five times; medians of wall time, the ratios, the median PSNR of
our files to Pillow's, and our peak memory for a quarter of the folder and for all of it.

    python -m benchmarks.prepare_folder [PICTURES] [RUNS]
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageOps

from benchmarks.media import twelve_megapixels
from benchmarks.process import as_installed

WIDTH, HEIGHT = 1280, 720
KINDS = ("coffee.jpg", "astronaut.jpg", "chelsea.jpg", "rocket.jpg")
BARS = {"Pillow, 4 threads": 3.0, "ffmpeg, two at a time": 1.5}


def folder_of_photographs(folder: Path, count: int) -> list[Path]:
    """`count` JPEGs of 4000x3000: four photographs with their own noise, over and over."""
    folder.mkdir()
    first = [twelve_megapixels(folder / f"0{i}.jpg", kind, i) for i, kind in enumerate(KINDS)]
    for number in range(len(KINDS), count):
        shutil.copyfile(first[number % len(KINDS)], folder / f"{number:03}.jpg")
    return sorted(folder.iterdir())


def by_pillow(photos: list[Path], out: Path) -> None:
    """The loop that most people write, in four threads."""

    def one(photo: Path) -> None:
        with Image.open(photo) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        image = ImageOps.pad(image, (WIDTH, HEIGHT), Image.Resampling.LANCZOS, color="black")
        image.save(out / photo.name, quality=95)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, photos))


def by_ffmpeg(photos: list[Path], out: Path) -> None:
    """One process a picture, two at a time."""
    scale = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=decrease"
    pad = f"pad={WIDTH}:{HEIGHT}:(ow-iw)/2:(oh-ih)/2"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()

    def one(photo: Path) -> None:
        command = [ffmpeg, "-y", "-loglevel", "error", "-i", str(photo), "-vf", f"{scale},{pad}"]
        subprocess.run([*command, "-q:v", "2", str(out / photo.name)], check=True)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, photos))


def by_mutoscope(photos: list[Path], out: Path) -> None:
    """The whole command, start of the interpreter and all."""
    subprocess.run(command(photos[0].parent, out), check=True, env=as_installed())


def command(folder: Path, out: Path) -> list[str]:
    """Ours, with the same fit and quality."""
    return [
        sys.executable, "-m", "mutoscope", "prepare", str(folder), "--size", f"{WIDTH}x{HEIGHT}",
        "--fit", "pad", "--pad", "black", "--quality", "95", "--quiet", "--out", str(out),
    ]  # fmt: skip


def timed(way: Callable[[list[Path], Path], None], photos: list[Path], out: Path) -> float:
    """Seconds of wall time into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    begin = time.perf_counter()
    way(photos, out)
    return time.perf_counter() - begin


def psnr(one: Path, other: Path) -> float:
    """Decibels between two files' pixels."""
    a, b = (np.asarray(Image.open(path).convert("RGB"), np.float64) for path in (one, other))
    return float(10 * np.log10(255**2 / np.mean((a - b) ** 2)))


def peak_megabytes(arguments: list[str]) -> float:
    """The most memory that a command had; asked for by a small process, whose own a child inherits."""
    script = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    asked = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout.split()[-1]) / 1024


def main(count: int = 100, runs: int = 5) -> dict[str, float]:
    """Runs it all, prints the table, gives the figures."""
    ways = {
        "mutoscope prepare": by_mutoscope,
        "Pillow, 4 threads": by_pillow,
        "ffmpeg, two at a time": by_ffmpeg,
    }
    with tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as name:
        work = Path(name)
        photos = folder_of_photographs(work / "photos", count)
        quarter = folder_of_photographs(work / "quarter", count // 4)
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(runs):
            for way, run in ways.items():
                seconds[way].append(timed(run, photos, work / way.split()[0].rstrip(",")))
        likeness = statistics.median(
            psnr(work / "mutoscope" / photo.name, work / "Pillow" / photo.name)
            for photo in photos[: 2 * len(KINDS)]
        )
        memory = peak_megabytes(command(photos[0].parent, work / "all"))
        memory_quarter = peak_megabytes(command(quarter[0].parent, work / "few"))
    median = {way: statistics.median(times) for way, times in seconds.items()}
    ours = median["mutoscope prepare"]
    print(f"{count} JPEGs of 12 MP to {WIDTH}x{HEIGHT}, medians of {runs}:")
    for way, value in median.items():
        bar = f", bar {BARS[way]} x" if way in BARS else ""
        print(f"  {way:<22} {value:6.2f} s  {value / ours:5.2f} x{bar}")
    print(f"  PSNR to Pillow's result {likeness:.1f} dB (bar 38)")
    print(f"  peak memory {memory_quarter:.0f} MB for {count // 4}, {memory:.0f} MB for {count}")
    return {
        "seconds": ours,
        "over_pillow": median["Pillow, 4 threads"] / ours,
        "over_ffmpeg": median["ffmpeg, two at a time"] / ours,
        "psnr": likeness,
        "megabytes": memory,
        "megabytes_quarter": memory_quarter,
    }


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
