"""Sound: CPU time by recipe, the loudness that is reached, how exactly it stands under the pictures.

Each recipe is made for 10 s: the synthesis alone, and the whole way (synthesis, levelling, AAC, beside
the pictures' packets). Loudness and true peak are FFmpeg's, of the finished film. Where a click that
is put into a film at a known time is found again says how far sound and pictures are apart. Then
memory over a minute and over five.

    python -m benchmarks.sound [SECONDS]
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np

from mutoscope.finish.encode import Mp4Writer, rgb_frame
from mutoscope.shot import Size
from mutoscope.sound.cues import sources
from mutoscope.sound.level import levelled
from mutoscope.sound.lexicon import recipes
from mutoscope.sound.making import mixed
from mutoscope.sound.mux import add_sound
from mutoscope.sound.pcm import Pcm, written
from mutoscope.sound.span import BLOCK, RATE, Sound, Span
from mutoscope.sound.stretch import stretched

SIZE, FPS, SECONDS = Size(320, 180), 24, 10
#: LUFS, how far off at most, dBTP
TARGET, OFF, PEAK = -18.0, 1.0, -1.0


def film(path: Path, seconds: float) -> Path:
    """A film of a grey picture."""
    picture = np.full((SIZE.height, SIZE.width, 3), 120, np.uint8)
    with Mp4Writer(path, SIZE, FPS) as writer:
        for _ in range(round(seconds * FPS)):
            writer.write(rgb_frame(picture))
    return path


def ebur128(path: Path) -> tuple[float, float]:
    """(LUFS, dBTP) as FFmpeg measures them."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", "-i", str(path), "-map", "0:a",
               "-af", "ebur128=peak=true", "-f", "null", "-"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    told = said[said.rindex("Summary") :]
    loud, peak = re.search(r"I:\s+(-?[\d.]+)", told), re.search(r"Peak:\s+(-?[\d.]+)", told)
    if loud is None or peak is None:
        raise ValueError(told)
    return float(loud[1]), float(peak[1])


def by_recipe(folder: Path, seconds: int) -> None:
    """The table: one line a recipe."""
    silent = film(folder / "silent.mp4", seconds)
    print(f"  {'recipe':<10} {'synthesis':>10} {'whole way':>10}   {'LUFS':>6} {'dBTP':>6}")
    print(f"  {'':<10} {'ms a s':>10} {'ms a s':>10}   of the finished film")
    made, whole, good = [], [], 0
    for name in recipes():
        span = Span(seconds * RATE, seed=7)
        begun = time.process_time()
        raw = written(mixed(sources([(name, 0.0)]), span), span.samples, folder / "raw.f32")
        synthesis = time.process_time() - begun
        ready = levelled(raw, folder / "ready.f32")
        out = folder / "out.mp4"
        add_sound(silent, ready.sound, out)
        total = time.process_time() - begun
        loud, peak = ebur128(out)
        ok = abs(loud - TARGET) <= OFF and peak <= PEAK
        good += ok
        made.append(1000 * synthesis / seconds)
        whole.append(1000 * total / seconds)
        print(f"  {name:<10} {made[-1]:10.1f} {whole[-1]:10.1f}   {loud:6.1f} {peak:6.1f}"
              f"{'' if ok else '   outside'}")  # fmt: skip
    print(f"  {'median':<10} {np.median(made):10.1f} {np.median(whole):10.1f}   "
          f"{good} of {len(recipes())} within {TARGET:g} ± {OFF:g} LUFS and {PEAK:g} dBTP")  # fmt: skip


class Clicks:
    """A click every half second."""

    def render(self, start: int, stop: int) -> Sound:
        made = np.zeros((2, stop - start), np.float32)
        burst = np.random.default_rng(3).standard_normal(240) * np.exp(-np.arange(240) / 60) * 0.2
        for at in range(start // (RATE // 2) * (RATE // 2), stop, RATE // 2):
            low, high = max(start, at), min(stop, at + 240)
            if low < high:
                made[:, low - start : high - start] = burst[low - at : high - at]
        return made


def apart(folder: Path) -> None:
    """How far sound and pictures are apart, for lengths that no frame of AAC divides."""
    print("  sync: a click's place in the decoded film against the one that it was given")
    for frames in (24, 37, 97, 241):
        seconds = frames / FPS
        samples = round(seconds * RATE)
        sound = written(Clicks(), samples, folder / "clicks.f32")
        out = folder / "out.mp4"
        add_sound(film(folder / "silent.mp4", seconds), sound, out)
        with av.open(str(out)) as container:
            decoded = [np.asarray(one.to_ndarray()) for one in container.decode(audio=0)]
            heard = np.concatenate(decoded, axis=1)
            begin = container.streams.audio[0].start_time
        given = sound.render(0, samples)[0]
        length = min(len(given), heard.shape[1])
        like = np.correlate(heard[0, :length], given[2000 : length - 2000], "valid")
        print(f"  {frames:4d} frames, {samples:6d} samples: off by {int(np.argmax(like)) - 2000} "
              f"samples, {heard.shape[1] - samples:+d} at the end, starts at {begin}")  # fmt: skip


def stretching(folder: Path, seconds: int) -> None:
    span = Span(seconds * RATE, seed=7)
    raw = written(mixed({"crowd": 0.0}, span), span.samples, folder / "raw.f32")
    for speed in (0.5, 2.0):
        begun = time.process_time()
        stretched(raw, speed, folder / "stretched.f32")
        took = 1000 * (time.process_time() - begun) / seconds
        print(f"  stretching, {speed:g} times the speed: {took:.1f} ms of CPU a second of sound")


def remembered(minutes: int) -> float:
    """In a process of its own: MB at most while so many minutes are made and levelled."""
    with tempfile.TemporaryDirectory() as folder:
        span = Span(minutes * 60 * RATE, seed=7)
        mix = mixed(sources([("forest", 0.0)]), span)
        raw: Pcm = written(mix, span.samples, Path(folder) / "raw.f32")
        levelled(raw, Path(folder) / "ready.f32")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(seconds: int = SECONDS) -> None:
    print(f"{seconds} s of each recipe at 48 kHz in stereo, blocks of {BLOCK / RATE:g} s")
    with tempfile.TemporaryDirectory() as name:
        by_recipe(Path(name), seconds)
        apart(Path(name))
        stretching(Path(name), seconds)
    for minutes in (1, 5):
        command = [sys.executable, "-m", "benchmarks.sound", "--minutes", str(minutes)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"  memory for {minutes} min: {float(done.stdout):.0f} MB, scratch files counted "
              "as far as they are in memory")  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--minutes"]:
        print(remembered(int(sys.argv[2])))
    else:
        main(*(int(word) for word in sys.argv[1:]))
