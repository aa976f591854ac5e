"""VBench-I2V's seven camera classes: does the film do what "camera pans left" asks for?

Thirty photographs for each class, in the words that VBench uses, through `mutoscope.animate`; judged by
VBench's rule (the ways of four points from the first frame to the last, several classes may be true)
and by the strict fit (the one component that moved the picture most). The published figures beside it are
of other pictures, full prompts and CoTracker; ours are followed by Lucas-Kanade. Engines that generate are
asked for much more than a camera's move: this says only how well each keeps to that.

    python -m benchmarks.camera_classes [PHOTOGRAPHS [FOLDER]]     30; failed films are kept in FOLDER
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import zip_longest
from pathlib import Path

import mutoscope
from benchmarks.photographs import Photograph, photographs
from mutoscope.images.decode import open_photo
from mutoscope.images.framing import own_size
from mutoscope.quality.camera import camera
from mutoscope.quality.leading import leading
from mutoscope.quality.reel import reel
from mutoscope.quality.vbench_camera import vbench_camera

#: class → the words that VBench's prompts end in
WORDS = {
    "pan_left": "camera pans left",
    "pan_right": "camera pans right",
    "tilt_up": "camera tilts up",
    "tilt_down": "camera tilts down",
    "zoom_in": "camera zooms in",
    "zoom_out": "camera zooms out",
    "static": "camera static",
}
#: Camera motion, per cent; published by others with VBench-I2V's own pictures and tracker.
PUBLISHED = {
    "Magi-1": 50.85,
    "Step-Video-TI2V": 49.23,
    "Wan2.1-I2V": 34.76,
    "Pusa": 29.46,
}
BAR = 98.0
SECONDS, FPS = 2.0, 24.0


def main(count: int, keep: Path | None) -> int:
    pictures = mixed(photographs())
    print(f"{count} of {len(pictures)} photographs a class, {SECONDS:g} s at {FPS:g} fps\n")
    print(f"{'class':12}{'VBench rule':>13}{'strict fit':>12}{'CPU s a film':>15}")
    scores: list[tuple[float, float]] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for turn, (wanted, words) in enumerate(WORDS.items()):
            chosen = [pictures[(turn * 11 + place) % len(pictures)] for place in range(count)]
            begin = time.process_time()
            judged = [judge(one, wanted, words, Path(name), keep) for one in chosen]
            spent = (time.process_time() - begin) / count
            lenient = 100 * sum(vbench for vbench, _, _ in judged) / count
            strict = 100 * sum(fit for _, fit, _ in judged) / count
            scores.append((lenient, strict))
            failed += [said for vbench, fit, said in judged if not (vbench and fit)]
            print(f"{wanted:12}{lenient:13.1f}{strict:12.1f}{spent:15.2f}", flush=True)
    lenient, strict = (sum(one[place] for one in scores) / len(scores) for place in (0, 1))
    print(f"{'all':12}{lenient:13.1f}{strict:12.1f}      bar {BAR:g}: {'met' if min(lenient, strict) >= BAR else 'NOT met'}")  # fmt: skip
    print("\npublished (VBench-I2V camera motion; their pictures, prompts and tracker)")
    for engine, score in PUBLISHED.items():
        print(f"{engine:20}{score:7.2f}   ours / theirs {lenient / score:.2f}")
    for said in failed:
        print(f"  failed: {said}")
    return 0 if min(lenient, strict) >= BAR else 1


def mixed(found: list[Photograph]) -> list[Photograph]:
    """One of each kind after the other."""
    kinds: dict[str, list[Photograph]] = {}
    for one in found:
        kinds.setdefault(one.kind, []).append(one)
    return [one for row in zip_longest(*kinds.values()) for one in row if one is not None]


def judge(
    photograph: Photograph, wanted: str, words: str, folder: Path, keep: Path | None
) -> tuple[bool, bool, str]:
    """Whether the film is of the class by VBench's rule, whether by the strict fit, and what was seen."""
    size = own_size(open_photo(photograph.path))
    small = mutoscope.Size(size.width // 4 * 2, size.height // 4 * 2)
    film = folder / "film.mp4"
    mutoscope.animate(
        photograph.path, words, size=small, seconds=SECONDS, fps=FPS, output=film
    )  # fmt: skip
    frames = reel(film).frames
    seen, way = vbench_camera(frames), camera(frames)
    lenient, strict = wanted in seen.classes, leading(way) == wanted
    said = (
        f"{words}, {photograph.name}: VBench {', '.join(seen.classes) or 'none'}; strict {leading(way)} "
        f"(right {100 * way.pan[-1]:.1f} %, up {100 * way.tilt[-1]:.1f} %, x {way.zoom[-1]:.3f})"
    )
    if keep is not None and not (lenient and strict):
        keep.mkdir(parents=True, exist_ok=True)
        film.replace(keep / f"{wanted}-{photograph.path.stem}.mp4")
    return lenient, strict, said


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    sys.exit(main(number, Path(sys.argv[2]) if len(sys.argv) > 2 else None))
