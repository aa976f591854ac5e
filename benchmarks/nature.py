"""Nature motion: how much moves where it should and where it should not, how a loop closes, and its cost.

Photographs of photographs.toml with marks of nature.toml are filmed by a resting camera, 640x360, 48
frames in a loop, encoded and decoded. Energy is the mean change from frame to frame in the region and
outside it (what the encoder adds counts); the seam is the step from the last frame to the first beside
the largest step between neighbours. Then the CPU time of a frame at 1280x720 with a region of half the
frame, beside the same frame without one and encoding it.

    python -m benchmarks.nature
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.photographs import photographs
from benchmarks.render import scene as bench_scene
from benchmarks.render import way
from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.flipbook.camera.model import AT_REST
from mutoscope.engines.flipbook.nature.fields import fields_for
from mutoscope.engines.flipbook.nature.found import found_regions
from mutoscope.engines.flipbook.nature.region import cover_of, to_plate
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.scene import Mask, Scene
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.finish.encode import Mp4Writer
from mutoscope.images.decode import open_photo
from mutoscope.images.plan import plan
from mutoscope.shot import Fit, Size

CASES = Path(__file__).with_suffix(".toml")
SIZE, FRAMES, FPS = Size(640, 360), 48, 24.0
BAR = 5.0
#: surface → the motion asked of it, for the cost
ASKED = {
    "water": "ripple", "stream": "flow", "foliage": "sway", "grass": "sway", "clouds": "drift",
    "smoke": "steam", "cloth": "flutter", "fire": "burn",
}  # fmt: skip


def marked(row: dict[str, Any], width: int, height: int) -> Mask:
    """A case's polygons as a mask of 900 rows."""
    tall, wide = 900, round(900 * width / height)
    mask = np.zeros((tall, wide), np.uint8)
    for polygon in row["mark"]:
        cv2.fillPoly(mask, [np.int32(np.array(polygon) * [wide, tall])], 255)  # type: ignore[list-item]
    return mask


def prepared(row: dict[str, Any], path: Path) -> tuple[Scene, Mask]:
    """The scene, and the region on its plate."""
    photo = open_photo(path)
    laid = plan(photo.size, SIZE, Fit.COVER)
    one = build_scene(photo, laid)
    margins = one.margin_x, one.margin_y
    if row.get("found"):
        cover = cover_of(one)
        return one, found_regions([row["surface"]], {}, photo, laid, *margins, cover=cover)[row["surface"]]  # fmt: skip
    return one, to_plate(marked(row, photo.width, photo.height), laid, *margins)


def measured(row: dict[str, Any], path: Path, folder: Path) -> bool:
    """Print a case's line; whether it meets the bars."""
    one, mask = prepared(row, path)
    motion = Motion(
        kind=row["kind"], group="nature", target=row["target"], direction=row.get("direction", "")
    )
    direction = Direction(seconds=FRAMES / FPS, motion=(motion,))
    fields, told = fields_for(
        direction, {row["surface"]: mask}, SIZE.height, frames=FRAMES, fps=FPS, loop=True,
        cover=cover_of(one), picture=one.plate,
    )  # fmt: skip
    renderer = Renderer(one, fields)
    rest = np.array(AT_REST, dtype=np.float64)
    film = folder / "film.mp4"
    drawn = [renderer.still()] + [renderer.draw(rest, n) for n in range(1, FRAMES)]
    raw = np.stack([frame.to_ndarray(format="gray") for frame in drawn]).astype(np.float32)
    with Mp4Writer(film, SIZE, FPS) as writer:
        for frame in drawn:
            writer.write(frame)
    with av.open(str(film)) as opened:
        seen = np.stack([f.to_ndarray(format="gray") for f in opened.decode(video=0)])
    step = np.abs(np.diff(seen.astype(np.float32), axis=0)).mean(axis=0)
    inner = mask[
        one.margin_y : one.margin_y + one.height, one.margin_x : one.margin_x + one.width
    ] > 0  # fmt: skip
    inside, outside = float(step[inner].mean()), float(step[~inner].mean())
    between = np.abs(np.diff(raw, axis=0)).mean(axis=(1, 2))
    seam = float(np.abs(raw[0] - raw[-1]).mean())
    ratio = inside / max(outside, 1e-3)
    met = ratio >= BAR and seam <= between.max() + 1e-3
    name = row["photo"].split("/")[1].split("_by_")[0]
    print(
        f"  {row['surface']:8} {name:22.22} in {inside:6.3f}  out {outside:6.4f}  "
        f"ratio {ratio:7.1f}  seam {seam:.3f} of {between.max():.3f}  "
        f"{'met' if met else 'NOT met'}  ({told[0].outcome})"
    )
    return met


def least(work: Callable[[int], object], numbers: range) -> float:
    """The median CPU milliseconds of this thread."""
    taken = []
    for number in numbers:
        begin = time.thread_time()
        work(number)
        taken.append(time.thread_time() - begin)
    return 1000 * statistics.median(taken)


def cost() -> None:
    """CPU milliseconds a frame at 1280x720 of each surface in the lower half of the frame."""
    one = replace(bench_scene(Size(1280, 720)), subject=None)
    poses = way(one, 60)
    mask: npt.NDArray[np.uint8] = np.zeros(one.plate.shape[:2], np.uint8)
    mask[mask.shape[0] // 2 :] = 255
    plain = Renderer(one)
    bare = least(lambda n: plain.draw(poses[n], n), range(5, 45))
    ready = [plain.draw(poses[n], n) for n in range(5, 45)]
    with tempfile.TemporaryDirectory() as folder:
        begin = os.times()
        with Mp4Writer(Path(folder) / "a.mp4", Size(1280, 720), FPS) as writer:
            for frame in ready:
                writer.write(frame)
        end = os.times()
    encode = 1000 * (end.user + end.system - begin.user - begin.system) / len(ready)
    print(
        f"  1280x720, CPU ms a frame: encode {encode:.1f}, render {bare:.1f}; with half of it moving:"
    )
    for surface, kind in ASKED.items():
        motion = Motion(kind=kind, group="nature", target=surface)
        fields, _ = fields_for(
            Direction(seconds=2.5, motion=(motion,)), {surface: mask}, 720, frames=60, fps=FPS
        )
        renderer = Renderer(one, fields)
        renderer.draw(poses[5], 5)
        took = least(lambda n, of=renderer: of.draw(poses[n], n), range(5, 45))  # type: ignore[misc]
        print(f"  {surface:8} {took:5.1f}  (+{took - bare:.1f})  (encode + render) / encode {1 + took / encode:.2f}")  # fmt: skip


def main() -> None:
    paths = {one.name: one.path for one in photographs()}
    met = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for row in tomllib.loads(CASES.read_text())["case"]:
            if row["photo"] in paths:
                met += measured(row, paths[row["photo"]], Path(folder))
                total += 1
    print(
        f"  energy inside at least {BAR:g} x outside, seam no larger than a neighbour: {met} of {total}"
    )
    cost()


if __name__ == "__main__":
    main()
