"""Marked regions: from a caller's mask or point to the plate's pixels.

A mask is in the original photograph's geometry, upright, at any size of its shape; a point is in
fractions of the photograph's width and height. Both go through the Plan that the photograph itself
goes through.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from mutoscope.engines.flipbook.nature.grow import grow
from mutoscope.engines.flipbook.nature.surface import SURFACES, surface_of
from mutoscope.engines.flipbook.scene import Mask, Rgb, Scene
from mutoscope.errors import BadImage, BadShot
from mutoscope.images.decode import Photo, open_photo
from mutoscope.images.plan import Plan
from mutoscope.shot import Region

#: Long side in pixels at which masks are kept: a region's edge is feathered by more than its steps.
LONG_SIDE = 1600
#: Steadiness of a grown region: how far off it is tried again, and the least overlap.
NEARBY, LEAST_ALIKE = 0.02, 0.6
#: Of the picture: what grows beyond this has most likely run ashore, or into the sky.
MOST_GROWN = {"water": 0.55, "stream": 0.55, "foliage": 0.65, "clouds": 0.9}
#: What does not reach the picture's upper edge.
BELOW_SKY = ("water", "stream")
GROW_SIDE = 640
#: How far a mask's shape may be from the photograph's: a pixel's rounding of a small mask.
SHAPE = 0.015
LEAST = 0.0005  # share of the picture that a mask must mark


def surface(kind: str) -> str:
    """The surface that a region's kind ("water", "trees", "Wiese") names. Raises BadShot."""
    found = surface_of(kind)
    if found is None:
        allowed = f"{', '.join(SURFACES[:-1])} or {SURFACES[-1]}, or a word for one (lake, trees)"
        raise BadShot.of("region", kind, allowed)
    return found


def read_mask(path: Path, photo: Photo) -> Mask:
    """The mask in a file, H×W uint8, 255 where something may move, in the photograph's shape.

    White moves; in between, the lighter half does. Raises BadImage where the file is no picture, has
    another shape than the photograph, or marks nothing.
    """
    mask = open_photo(path)
    if abs(mask.width / mask.height / (photo.width / photo.height) - 1) > SHAPE:
        hint = ""
        if abs(mask.height / mask.width / (photo.width / photo.height) - 1) <= SHAPE:
            hint = ", and it seems to lie on its side"
        raise BadImage(
            f"{path.name} is {mask.width}x{mask.height}; a mask must have the photograph's shape, "
            f"{photo.width}x{photo.height} or smaller in proportion{hint}",
            field="region",
        )
    grey = np.asarray(cv2.cvtColor(mask.thumbnail(LONG_SIDE), cv2.COLOR_RGB2GRAY), np.uint8)
    marked = np.where(grey >= 128, 255, 0).astype(np.uint8)
    if float((marked > 0).mean()) < LEAST:
        raise BadImage(
            f"{path.name} marks nothing; a mask is white where the picture may move, black elsewhere",
            field="region",
        )
    return marked


def grown(kind: str, point: tuple[float, float], photo: Photo) -> Mask:
    """The region that lies around a point of the photograph.

    Raises BadShot where it has no clear end, is not the same from points nearby, or covers more of
    the picture than such a thing does: a wrong region is worse than none."""
    rgb, named = photo.thumbnail(GROW_SIDE), surface(kind)
    water, most = named in BELOW_SKY, MOST_GROWN.get(named, 1.0)
    found = grow(rgb, *point, below_sky=water)
    why = ""
    if found is None:
        why = "no region with a clear edge lies"
    elif float((found > 0).mean()) > most:
        why = f"no {named} that ends before {most:.0%} of the picture lies"
    elif not _steady(rgb, point, found, water=water):
        why = "no region that is the same from points nearby lies"
    if why or found is None:
        raise BadShot(
            f"{why} around {kind}={point[0]:g},{point[1]:g}; "
            f"choose another point, or give a mask: --region {kind}=MASK.png",
            field="region",
        )
    return found


def _steady(rgb: Rgb, point: tuple[float, float], found: Mask, *, water: bool) -> bool:
    """Whether the region is much the same when it is grown from four points of it nearby."""
    inside = found > 0
    for dx, dy in ((-NEARBY, 0.0), (NEARBY, 0.0), (0.0, -NEARBY), (0.0, NEARBY)):
        x, y = (min(max(value, 0.0), 1.0) for value in (point[0] + dx, point[1] + dy))
        at = (
            min(int(y * found.shape[0]), found.shape[0] - 1),
            min(int(x * found.shape[1]), found.shape[1] - 1),
        )
        if not inside[at]:
            continue
        other = grow(rgb, x, y, below_sky=water)
        if other is None:
            return False
        union = np.count_nonzero(inside | (other > 0))
        if np.count_nonzero(inside & (other > 0)) < LEAST_ALIKE * union:
            return False
    return True


def to_plate(mask: Mask, plan: Plan, margin_x: int, margin_y: int) -> Mask:
    """`mask` (any size, the source's shape) on the plate: the frame and the margins around it.

    Returns uint8 (height + 2·margin_y, width + 2·margin_x), 0 or 255. Beyond the photograph's own
    border the edge's value goes on, as the filled-in picture does; on padding nothing moves.
    """
    across, down = plan.scale
    # mask pixel → source pixel → frame pixel → plate pixel, each at pixel centres
    unit_x = plan.source.width / mask.shape[1] * across
    unit_y = plan.source.height / mask.shape[0] * down
    start_x = plan.place.left - plan.crop.left * across + margin_x
    start_y = plan.place.top - plan.crop.top * down + margin_y
    matrix = np.array(
        [
            [unit_x, 0.0, start_x + 0.5 * unit_x - 0.5],
            [0.0, unit_y, start_y + 0.5 * unit_y - 0.5],
        ]
    )
    size = (plan.target.width + 2 * margin_x, plan.target.height + 2 * margin_y)
    soft = mask
    if min(unit_x, unit_y) < 0.7:  # fewer pixels than the mask has: mean them first
        sigma = (0.4 / unit_x, 0.4 / unit_y)
        soft = np.asarray(
            cv2.GaussianBlur(mask, (0, 0), sigmaX=sigma[0], sigmaY=sigma[1]), np.uint8
        )
    plate = cv2.warpAffine(
        soft, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    found = np.where(np.asarray(plate) >= 128, 255, 0).astype(np.uint8)
    if plan.fill:
        kept = np.zeros_like(found)
        inner = np.s_[
            max(0, round(plan.place.top) + margin_y) : round(plan.place.bottom) + margin_y,
            max(0, round(plan.place.left) + margin_x) : round(plan.place.right) + margin_x,
        ]
        kept[inner] = found[inner]
        found = kept
    return found


def cover_of(scene: Scene) -> Mask | None:
    """The alpha of a scene's subject on the plate (plate height×width); None where there is none."""
    subject = scene.subject
    if subject is None or not subject.alpha.any():
        return None
    high, across = scene.height + 2 * scene.margin_y, scene.width + 2 * scene.margin_x
    cover = np.zeros((high, across), np.uint8)
    left, top = subject.x + scene.margin_x, subject.y + scene.margin_y
    tall, wide = subject.alpha.shape
    y0, y1 = max(0, top), min(high, top + tall)
    x0, x1 = max(0, left), min(across, left + wide)
    if y0 < y1 and x0 < x1:
        cover[y0:y1, x0:x1] = subject.alpha[y0 - top : y1 - top, x0 - left : x1 - left]
    return cover


def plate_regions(
    regions: tuple[Region, ...], masks: Mapping[int, Path], photo: Photo, plan: Plan,
    margin_x: int = 0, margin_y: int = 0,
) -> tuple[dict[str, Mask], tuple[str, ...]]:  # fmt: skip
    """The marked regions on the plate, by surface, and a note for each that says how large it is.

    `masks` holds the files of those of `regions` that have one, by place. Raises BadShot and BadImage.
    """
    found: dict[str, Mask] = {}
    notes = []
    for place, region in enumerate(regions):
        kind = surface(region.kind)
        if region.point is not None:
            mask = grown(region.kind, region.point, photo)
            share = float((mask > 0).mean())
            notes.append(f"the region grown from {region.kind} covers {share:.0%} of the picture")
        else:
            mask = read_mask(masks[place], photo)
        laid = to_plate(mask, plan, margin_x, margin_y)
        found[kind] = laid | found[kind] if kind in found else laid
        if not laid.any():
            notes.append(f"the region marked as {region.kind} lies outside the part that is shown")
    return found, tuple(notes)
