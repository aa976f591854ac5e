"""The second view of two stereo pairs, made from the first picture alone, beside simpler ways.

scikit-image's motorcycle (Middlebury 2014) and OpenCV's aloe (Middlebury 2006, half size; Debian's
opencv-doc) come with measured disparity. Every way guesses a disparity from the left picture; one scale
and one offset, fitted to the measured one by least squares, bring each into pixels, and the same
renderer draws what the right camera sees. Columns that the left picture does not show at all are left
out. Baselines are of 60 pixels in 741 and 52 in 641: far beyond what a film moves.

Then Spearman's rank correlation of the guess with the measured disparity, over the whole pictures and
eight crops of each, plain and mirrored.

    python -m benchmarks.novel_view [FOLDER for pictures]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.pairs import psnr
from benchmarks.photographs import package_files
from mutoscope.engines.flipbook.camera.model import FAR, TX, Lens
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.scene import CELL, Scene
from mutoscope.engines.flipbook.taking.grids import nodes, smoothed
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.errors import MutoscopeError
from mutoscope.images.decode import open_photo
from mutoscope.images.plan import plan
from mutoscope.shot import Fit, Size

Rgb = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]
Measures = dict[str, Callable[[Rgb, Rgb], float]]
ALOE = "usr/share/doc/opencv-doc/examples/data/aloe{}"
BARS = {"motorcycle": 0.83, "aloe": 0.81}
CROPS = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """Two views and the left one's measured disparity in pixels; 0 where none was measured."""

    name: str
    left: Rgb
    right: Rgb
    truth: Map

    def even(self) -> Pair:
        """With sides that film can have."""
        h, w = (side // 2 * 2 for side in self.truth.shape)
        part = slice(0, h), slice(0, w)
        return Pair(
            self.name,
            np.ascontiguousarray(self.left[part]),
            np.ascontiguousarray(self.right[part]),
            np.ascontiguousarray(self.truth[part]),
        )

    @property
    def shown(self) -> slice:
        """Columns of the right picture whose content the left one has."""
        return slice(0, self.truth.shape[1] - int(np.ceil(self.truth.max())))


def pairs() -> list[Pair]:
    """Both pairs."""
    from skimage import data

    left, right, measured = data.stereo_motorcycle()  # type: ignore[no-untyped-call]
    near = np.nan_to_num(measured, nan=0, posinf=0).astype(np.float32)
    found = [Pair("motorcycle", left, right, near)]
    place = package_files("debian", "opencv-doc")
    views = []
    for name in ("L.jpg", "R.jpg", "GT.png"):
        picture = cv2.imread(str(place / ALOE.format(name)), cv2.IMREAD_COLOR)
        if picture is None:
            raise FileNotFoundError(place / ALOE.format(name))
        views.append(np.asarray(picture[..., ::-1], np.uint8))
    half = (views[0].shape[1] // 2, views[0].shape[0] // 2)
    small = [cv2.resize(view, half, interpolation=cv2.INTER_AREA) for view in views[:2]]
    disparity = cv2.resize(views[2][..., 0], half, interpolation=cv2.INTER_NEAREST)
    one, other = (np.asarray(view, np.uint8) for view in small)
    truth = np.asarray(disparity, np.float32) / np.float32(2)
    found.append(Pair("aloe", one, other, truth))
    return [pair.even() for pair in found]


def taken(rgb: Rgb, **options: Any) -> Scene:
    """The scene of a picture, in its own size."""
    size = Size(rgb.shape[1], rgb.shape[0])
    stored = cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]))[1].tobytes()
    return build_scene(open_photo(stored), plan(size, size, Fit.COVER), remember=False, **options)


def guessed(scene: Scene) -> Map:
    """How near what the scene shows at rest is, at each pixel of its frame."""
    ys, xs = np.mgrid[0 : scene.height, 0 : scene.width].astype(np.float32)
    cell = np.float32(1 / CELL)
    seen = cv2.remap(
        scene.plate_disparity, (xs + scene.margin_x) * cell, (ys + scene.margin_y) * cell,
        cv2.INTER_LINEAR,
    )  # fmt: skip
    subject = scene.subject
    if subject is None:
        return np.asarray(seen, np.float32)
    front = cv2.remap(
        subject.disparity, (xs - subject.x) * cell, (ys - subject.y) * cell, cv2.INTER_LINEAR
    )
    alpha = cv2.remap(
        subject.alpha, xs - subject.x, ys - subject.y, cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT, borderValue=0,
    )  # fmt: skip
    return np.where(alpha > 127, front, seen).astype(np.float32)


def sheet(scene: Scene, near: Map) -> Scene:
    """The whole picture on one sheet, as near as `near` (the frame's pixels) says, as smooth as the
    renderer needs it."""
    margin = (scene.margin_y, scene.margin_y), (scene.margin_x, scene.margin_x)
    wide = np.pad(near, margin, mode="edge")
    rows, columns = nodes(*wide.shape)
    step = np.array([[CELL, 0, 0], [0, CELL, 0]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    at = cv2.warpAffine(
        cv2.blur(wide, (CELL - 1, CELL - 1)), step, (columns, rows), flags=flags,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    plate = np.pad(scene.still, (*margin, (0, 0)), mode="reflect")
    return replace(
        scene,
        plate=plate,
        plate_disparity=smoothed(np.asarray(at, np.float32), width=scene.width),
        subject=None,
    )


def ways(scene: Scene) -> dict[str, Scene]:
    """The scene, and what it is compared with."""
    height, width = scene.height, scene.width
    row = np.repeat(np.linspace(0, 1, height, dtype=np.float32)[:, None], width, 1)
    return {
        "ours": scene,
        "rubber sheet": sheet(scene, guessed(scene)),
        "row prior": sheet(scene, row),
        "translation": sheet(scene, np.zeros_like(row)),
    }


def fitted(near: Map, truth: Map) -> tuple[float, float]:
    """Scale and offset, in pixels, that bring `near` closest to the measured disparity."""
    known = truth > 0
    if float(np.ptp(near[known])) < 1e-6:
        return 0.0, float(truth[known].mean())
    scale, offset = np.polyfit(near[known].astype(np.float64), truth[known], 1)
    return float(scale), float(offset)


def seen_from_right(scene: Scene, scale: float, offset: float) -> Rgb:
    """What a camera sees for which a place as near as d has moved to the left by scale·d + offset."""
    lens = Lens(scene.width, scene.height, scene.hfov)
    scale = scale if abs(scale) > 1e-3 else 1e-3
    pose = np.array([0, 0, 0, 0, 0, 0, 1], np.float64)
    pose[TX] = scale / (lens.focal * (1 - FAR))
    # the offset that the camera's way does not give is a nearness that all have
    more = np.float32((offset - lens.focal * pose[TX] * FAR) / scale)
    subject = scene.subject
    if subject is not None:
        subject = replace(subject, disparity=subject.disparity + more)
    moved = replace(scene, plate_disparity=scene.plate_disparity + more, subject=subject)
    return np.asarray(Renderer(moved).draw(pose, near=0.0).to_ndarray(format="rgb24"), np.uint8)


def ceiling(pair: Pair) -> Rgb:
    """The right view by the measured disparity: forward, nearest in front, gaps filled by Telea."""
    height, width = pair.truth.shape
    ys, xs = np.nonzero(pair.truth > 0)
    near = pair.truth[ys, xs]
    order = np.argsort(near, kind="stable")
    ys, xs, near = ys[order], xs[order], near[order]
    to = np.rint(xs - near).astype(int)
    inside = to >= 0
    made, hole = np.zeros_like(pair.left), np.full((height, width), 255, np.uint8)
    made[ys[inside], to[inside]] = pair.left[ys[inside], xs[inside]]
    hole[ys[inside], to[inside]] = 0
    return np.asarray(cv2.inpaint(made, hole, 3, cv2.INPAINT_TELEA), np.uint8)


def measures() -> Measures:
    """PSNR, SSIM, and LPIPS where its weights are here."""
    from skimage.metrics import structural_similarity

    def ssim(one: Rgb, other: Rgb) -> float:
        return float(structural_similarity(one, other, channel_axis=2))  # type: ignore[no-untyped-call]

    found: Measures = {"PSNR": psnr, "SSIM": ssim}
    from mutoscope.quality.lpips import lpips

    try:
        here = lpips(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8)) is not None
    except MutoscopeError:
        here = False
    if here:
        found["LPIPS"] = lambda one, other: float(lpips(one, other) or 0)
    return found


def views(rgb: Rgb, truth: Map) -> list[tuple[Rgb, Map]]:
    """The whole and eight crops of it, each plain and mirrored."""
    height, width = truth.shape
    boxes = [(0, 0, height, width)]
    for k in range(CROPS):
        rng = np.random.default_rng(k)
        share = rng.uniform(0.6, 0.9)
        h, w = int(height * share) // 2 * 2, int(width * share) // 2 * 2
        boxes.append((int(rng.uniform(0, height - h)), int(rng.uniform(0, width - w)), h, w))
    out = []
    for y, x, h, w in boxes:
        part, near = rgb[y : y + h, x : x + w], truth[y : y + h, x : x + w]
        out += [(part, near), (np.ascontiguousarray(part[:, ::-1]), near[:, ::-1])]
    return out


def rank_correlation(near: Map, truth: Map) -> float:
    """Spearman's, where the truth is known."""
    known = truth > 0
    ranks = []
    for values in (near[known], truth[known]):
        _, place, count = np.unique(values, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(count) - (count - 1) / 2)[place])
    return float(np.asarray(np.corrcoef(np.stack(ranks)))[0, 1])


def by_row(shape: tuple[int, ...]) -> Map:
    """The row number."""
    return np.repeat(np.arange(shape[0], dtype=np.float32)[:, None], shape[1], 1)


def compared(pair: Pair, how: Measures, folder: Path | None) -> dict[str, list[float]]:
    """Every way's figures for one pair, printed."""
    scene = taken(pair.left)
    drawn = {"ceiling": ceiling(pair)}
    for name, one in ways(scene).items():
        drawn[name] = seen_from_right(one, *fitted(guessed(one), pair.truth))
    figures = {}
    print(f"  {pair.name:<22}" + "".join(f"{name:>8}" for name in how))
    for name, picture in drawn.items():
        part = np.ascontiguousarray(picture[:, pair.shown])
        true = np.ascontiguousarray(pair.right[:, pair.shown])
        figures[name] = [measure(part, true) for measure in how.values()]
        print(f"    {name:<20}" + "".join(f"{value:8.3f}" for value in figures[name]))
        if folder is not None:
            cv2.imwrite(str(folder / f"{pair.name}-{name}.png"), picture[..., ::-1])
    if folder is not None:
        grey = np.clip(guessed(scene) * 255, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{pair.name}-near.png"), grey)
    return figures


def ranked(pair: Pair) -> bool:
    """The rank correlations of one pair, printed; whether they keep to the bars."""
    ours, row = [], []
    for rgb, truth in views(pair.left, pair.truth):
        size = truth.shape[1] // 2 * 2, truth.shape[0] // 2 * 2
        rgb, truth = np.ascontiguousarray(rgb[: size[1], : size[0]]), truth[: size[1], : size[0]]
        ours.append(rank_correlation(guessed(taken(rgb, uncovers=lambda scene: False)), truth))
        row.append(rank_correlation(by_row(truth.shape), truth))
    least = float(np.min(np.subtract(ours, row)))
    met = ours[0] >= BARS[pair.name] and least >= 0
    print(
        f"  {pair.name:<12} whole {ours[0]:.3f} (row number {row[0]:.3f}; bar {BARS[pair.name]})  "
        f"mean of {len(ours)} views {np.mean(ours):.3f} (row {np.mean(row):.3f})  "
        f"least gain over the row {least:+.3f}  {'met' if met else 'NOT met'}"
    )
    return met


def main(folder: Path | None = None) -> None:
    how = measures()
    print("right view from the left picture; scale and offset fitted to the measured disparity")
    if "LPIPS" not in how:
        print("  no LPIPS here")
    both = pairs()
    figures = [compared(pair, how, folder) for pair in both]
    better = {"PSNR": 1, "SSIM": 1, "LPIPS": -1}
    others = [name for name in figures[0] if name not in ("ours", "ceiling")]
    print("  mean of both, ours beside the best of the others")
    for k, name in enumerate(how):
        mean = {way: np.mean([one[way][k] for one in figures]) for way in figures[0]}
        best = max(others, key=lambda way: better[name] * mean[way])
        won = better[name] * (mean["ours"] - mean[best]) > 0
        print(
            f"    {name:<6}{mean['ours']:8.3f}  {best} {mean[best]:.3f}  "
            f"{'met' if won else 'NOT met'}"
        )
    worst = min(one["ours"][0] - max(one[way][0] for way in others) for one in figures)
    print(
        f"    least gain in PSNR {worst:+.2f} dB (bar -0.1)  {'met' if worst >= -0.1 else 'NOT met'}"
    )
    print("rank correlation with the measured disparity, as rendered")
    for pair in both:
        ranked(pair)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
