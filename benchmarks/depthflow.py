"""Frames a second and outlines beside DepthFlow, the program that people use to move a photograph by a
depth map, on the CPU.

Both get the same photograph and the same depth map (ours; its own model is not asked), go sideways until
near and far are 40 pixels of 1280 apart, and encode with x264 veryfast at crf 18. Ours renders in
compiled kernels, DepthFlow in OpenGL by Mesa's llvmpipe. What each process takes before its first
frame is left out for both. The outline measure is `mutoscope.quality.outline`, of the last frame: less is
better.

DepthFlow (AGPL-3.0) is a program beside ours and no part of it; it needs a Python of its own, EGL and
ffmpeg on PATH:

    python3 -m venv DIR && DIR/bin/pip install depthflow==1.0.1
    apt-get install libegl1 libgl1-mesa-dri
    python -m benchmarks.depthflow DIR/bin/python [RUNS]
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.photographs import package_files
from mutoscope.engines.flipbook.camera.model import AT_REST, TX, Array, Lens, inverse_depth
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.scene import CELL, Grid, Scene
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.finish.encode import Mp4Writer
from mutoscope.images.decode import open_photo
from mutoscope.images.plan import plan
from mutoscope.quality.outline import outline
from mutoscope.shot import Fit, Size

SIZE, FPS = Size(1280, 720), 24
OURS, THEIRS = 192, 48  # frames a run
LOOKED = 24  # of them, for the outline measure
APART = 40.0  # pixels between near and far at the end
BAR = 12.0
PHOTOGRAPHS = {
    "boats": ("debian", "plasma-workspace-wallpapers",
              "usr/share/wallpapers/EveningGlow/contents/images/2560x1600.jpg"),
    "coffee": ("wheel", "scikit-image", "skimage/data/coffee.png"),
    "china": ("wheel", "scikit-learn", "sklearn/datasets/images/china.jpg"),
    "flower": ("wheel", "scikit-learn", "sklearn/datasets/images/flower.jpg"),
}  # fmt: skip
Rgb = npt.NDArray[np.uint8]


def taken(photo: Path) -> Scene:
    """The photograph taken apart at the benchmark's size."""
    opened = open_photo(photo)
    return build_scene(opened, plan(opened.size, SIZE, Fit.COVER))


def depth_map(scene: Scene) -> npt.NDArray[np.uint8]:
    """What the scene knows of depth as one map of the frame: 255 is near."""
    far = _large(scene.plate_disparity, scene.plate.shape[1], scene.plate.shape[0])
    far = far[scene.margin_y :, scene.margin_x :][: scene.height, : scene.width].copy()
    subject = scene.subject
    if subject is not None:
        tall, wide = subject.alpha.shape
        near = _large(subject.disparity, wide, tall)
        x0, y0 = max(0, subject.x), max(0, subject.y)
        x1, y1 = min(scene.width, subject.x + wide), min(scene.height, subject.y + tall)
        inside = (slice(y0 - subject.y, y1 - subject.y), slice(x0 - subject.x, x1 - subject.x))
        cover = subject.alpha[inside].astype(np.float32) / 255
        place = far[y0:y1, x0:x1]
        place += cover * (near[inside] - place)
    return np.asarray(np.clip(np.rint(far * 255), 0, 255), np.uint8)


def _large(grid: Grid, wide: int, tall: int) -> Grid:
    way = np.array([[1 / CELL, 0, 0], [0, 1 / CELL, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    large = cv2.warpAffine(grid, way, (wide, tall), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(large, np.float32)


def poses(scene: Scene, frames: int) -> Array:
    """A truck that carries near and far `APART` pixels apart."""
    lens = Lens(scene.width, scene.height, scene.hfov)
    made = np.tile(np.asarray(AT_REST, np.float64), (frames, 1))
    between = float(inverse_depth(np.float64(1)) - inverse_depth(np.float64(0)))
    made[:, TX] = np.linspace(0, APART * scene.width / 1280 / (lens.focal * between), frames)
    return made


def ours(scene: Scene, out: Path) -> float:
    """Write our film; frames a second."""
    begin = time.perf_counter()
    with Mp4Writer(out, SIZE, FPS) as writer:
        for frame in render(scene, poses(scene, OURS), first_exact=False):
            writer.write(frame)
    return OURS / (time.perf_counter() - begin)


def theirs(
    python: str, photo: Path, depth: Path, out: Path, offset: float, frames: int = THEIRS
) -> float:
    """Let DepthFlow write its film; frames a second."""
    script = Path(__file__).with_name("depthflow_film.py")
    values = (photo, depth, out, SIZE.width, SIZE.height, FPS, frames, offset)
    ran = subprocess.run(
        [python, "-P", str(script), *map(str, values)], capture_output=True, text=True,
        env=os.environ | {"SKIP_TORCH": "1"},
    )  # fmt: skip
    found = re.search(r"SECONDS ([\d.]+)", ran.stdout)
    if ran.returncode or found is None:
        raise SystemExit(f"DepthFlow failed:\n{ran.stdout[-500:]}{ran.stderr[-1500:]}")
    return frames / float(found[1])


def offset_for(python: str, folder: Path) -> float:
    """The offset at which DepthFlow shows near and far `APART` pixels apart: noise over a map that is
    far on its left and near on its right is filmed, and the halves' ways are measured."""
    noise = np.random.default_rng(0).integers(
        0, 255, (SIZE.height // 4, SIZE.width // 4, 3), np.uint8
    )
    photo = cv2.resize(noise, (SIZE.width, SIZE.height), interpolation=cv2.INTER_CUBIC)
    depth = np.zeros((SIZE.height, SIZE.width), np.uint8)
    depth[:, SIZE.width // 2 :] = 255
    cv2.imwrite(str(folder / "noise.png"), photo)
    cv2.imwrite(str(folder / "halves.png"), depth)
    tried = 0.1
    theirs(python, folder / "noise.png", folder / "halves.png", folder / "t.mp4", tried, 4)
    frames = decoded(folder / "t.mp4")
    ways = []
    for left in (SIZE.width // 8, SIZE.width * 5 // 8):
        part = (slice(100, SIZE.height - 100), slice(left, left + SIZE.width // 4))
        one, other = (
            cv2.cvtColor(frames[at][part], cv2.COLOR_RGB2GRAY).astype(np.float64) for at in (0, -1)
        )
        ways.append(
            cv2.phaseCorrelate(one, other, cv2.createHanningWindow(one.shape[::-1], cv2.CV_64F))[0][
                0
            ]
        )
    reached = abs(ways[1] - ways[0]) * len(frames) / max(1, len(frames) - 1)
    return tried * APART / reached


def cut_out(scene: Scene) -> npt.NDArray[np.float32]:
    """The subject's matte over the frame, 0..1."""
    matte = np.zeros((scene.height, scene.width), np.float32)
    subject = scene.subject
    if subject is not None:
        tall, wide = subject.alpha.shape
        x0, y0 = max(0, subject.x), max(0, subject.y)
        x1, y1 = min(scene.width, subject.x + wide), min(scene.height, subject.y + tall)
        inside = subject.alpha[y0 - subject.y : y1 - subject.y, x0 - subject.x : x1 - subject.x]
        matte[y0:y1, x0:x1] = inside.astype(np.float32) / 255
    return matte


def faults(film: Path, scene: Scene) -> float:
    """The outline measure of a film; nan where the measure finds nothing to judge."""
    found = outline(decoded(film), cut_out(scene), scene.still)
    return float("nan") if found is None else found.faults


def decoded(film: Path) -> list[Rgb]:
    """Some frames, in order, the last one among them."""
    with av.open(str(film)) as container:
        frames = list(container.decode(video=0))
    chosen = sorted({round(at) for at in np.linspace(0, len(frames) - 1, LOOKED)})
    return [np.asarray(frames[at].to_ndarray(format="rgb24")) for at in chosen]


def main(python: str, runs: int) -> None:
    if shutil.which("ffmpeg") is None:
        raise SystemExit("DepthFlow needs ffmpeg on PATH")
    ratios, worse = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        offset = offset_for(python, folder)
        print(
            f"{'photograph':<12}{'ours':>9}{'DepthFlow':>11}{'ratio':>7}  frames a second, medians;"
            "  outline faults: ours, DepthFlow"
        )
        for title, (source, package, member) in PHOTOGRAPHS.items():
            scene = taken(package_files(source, package) / member)
            photo, depth = folder / "photo.png", folder / "depth.png"
            cv2.imwrite(str(photo), np.ascontiguousarray(scene.still[..., ::-1]))
            cv2.imwrite(str(depth), depth_map(scene))
            fast, slow = [], []
            for _ in range(runs):
                fast.append(ours(scene, folder / f"{title}.mp4"))
                slow.append(theirs(python, photo, depth, folder / f"{title}-beside.mp4", offset))
            mine, other = statistics.median(fast), statistics.median(slow)
            ratios.append(mine / other)
            seen = faults(folder / f"{title}.mp4", scene)
            beside = faults(folder / f"{title}-beside.mp4", scene)
            worse += not (seen < beside or np.isnan(seen) or np.isnan(beside))
            print(
                f"{title:<12}{mine:9.1f}{other:11.2f}{mine / other:7.1f}{seen:43.3f}{beside:8.3f}",
                flush=True,
            )
        least = min(ratios)
        print(f"photographs with more outline faults than DepthFlow: {worse}, bar 0")
        print(f"least ratio {least:.1f}, bar {BAR:g}: {'met' if least >= BAR else 'NOT met'}")
        keep = os.environ.get("MUTOSCOPE_BENCH_KEEP")
        if keep:
            shutil.copytree(folder, keep, dirs_exist_ok=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
