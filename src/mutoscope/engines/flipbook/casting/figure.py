"""A character's cut-out as it comes in a file, and at the size it is put into the picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pyvips

from mutoscope.errors import BadShot

Rgb = npt.NDArray[np.uint8]  # h×w×3
Alpha = npt.NDArray[np.float32]  # h×w, 0..1
Colour = npt.NDArray[np.float32]  # h×w×3, 0..255

MOST_SIDE = 8192  # pixels
_SEEN = 0.02  # alpha from which a pixel shows something
_FADES = 0.08  # of the figure's width
_TOUCHES = 0.03  # of the figure's side along an edge of its file: less than that is a toe


@dataclass(frozen=True, slots=True)
class Cutout:
    """Straight colours and alpha of the figure alone. `share`: its height as part of the picture that it
    was cut out of; `cut`: the edges of that picture that it runs off (left, top, right, bottom)."""

    name: str
    rgb: Rgb
    alpha: Alpha
    share: float
    cut: frozenset[str]

    @property
    def aspect(self) -> float:
        """Width by height."""
        return float(self.alpha.shape[1] / self.alpha.shape[0])


def opened(name: str, path: Path) -> Cutout:
    """The cut-out in a picture with transparency. Raises BadShot where it has none, or nothing in it."""
    try:
        image = pyvips.Image.new_from_file(str(path), access="sequential")
        if max(image.width, image.height) > MOST_SIDE:
            raise BadShot(
                f"the cut-out of {name} is {image.width}x{image.height}; at most {MOST_SIDE} pixels a side",
                field="cast",
            )
        if not image.hasalpha() or image.bands not in (2, 4):
            raise BadShot(
                f"the picture of {name} has no transparency; flipbook needs its cut-out, a PNG with alpha",
                field="cast",
            )
        pixels = np.asarray(image.colourspace("srgb").cast("uchar").numpy(), np.uint8)
    except pyvips.Error:
        raise BadShot(f"the cut-out of {name} cannot be read as a picture", field="cast") from None
    alpha = pixels[..., 3].astype(np.float32) * np.float32(1 / 255)
    rows, columns = np.flatnonzero((alpha > _SEEN).any(1)), np.flatnonzero((alpha > _SEEN).any(0))
    if rows.size < 2 or columns.size < 2:
        raise BadShot(f"the cut-out of {name} is empty", field="cast")
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return Cutout(
        name=name,
        rgb=np.ascontiguousarray(pixels[box][..., :3]),
        alpha=np.ascontiguousarray(alpha[box]),
        share=float(rows.size / alpha.shape[0]),
        cut=_cut(alpha, rows, columns),
    )


def _cut(alpha: Alpha, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> frozenset[str]:
    inside = alpha > 0.5
    tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    along = {
        "left": inside[:, 0].sum() / tall,
        "right": inside[:, -1].sum() / tall,
        "top": inside[0].sum() / wide,
        "bottom": inside[-1].sum() / wide,
    }
    return frozenset(edge for edge, share in along.items() if share > _TOUCHES)


def resized(cutout: Cutout, width: int, height: int) -> tuple[Colour, Alpha]:
    """Colours and alpha at another size, with room of 2 pixels around where it is not cut off; the
    colours go on beyond the outline, so that samples across it stay clean."""
    source = cutout.alpha[..., None]
    lit = cutout.rgb.astype(np.float32) * source
    shrinks = height < cutout.alpha.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    small = cv2.resize(cutout.alpha, (width, height), interpolation=how)
    alpha = np.asarray(np.clip(small, 0, 1), np.float32)
    premultiplied = np.clip(cv2.resize(lit, (width, height), interpolation=how), 0, 255)
    return spread(np.asarray(premultiplied, np.float32), alpha), alpha


def faded(alpha: Alpha) -> Alpha:
    """A figure whose sides its own picture cut off, gone softly there rather than along a line."""
    width = alpha.shape[1]
    away = np.minimum(np.arange(width), np.arange(width)[::-1]).astype(np.float32)
    share = np.clip(away / np.float32(max(2.0, _FADES * width)), 0, 1)
    return np.asarray(alpha * (share * share * (3 - 2 * share)), np.float32)


def spread(premultiplied: Colour, alpha: Alpha) -> Colour:
    """Straight colours from premultiplied ones, carried on where alpha is low."""
    straight = premultiplied / np.maximum(alpha, np.float32(1e-3))[..., None]
    sure = np.clip((alpha - np.float32(0.1)) / np.float32(0.3), 0, 1)
    out, known = straight * sure[..., None], sure
    for sigma in (1.5, 4.0, 12.0, 40.0):
        weight = cv2.GaussianBlur(alpha, (0, 0), sigma)
        blurred = cv2.GaussianBlur(premultiplied, (0, 0), sigma)
        share = np.minimum(weight * np.float32(20), 1) * (1 - known)
        out = out + (share / np.maximum(weight, np.float32(1e-5)))[..., None] * blurred
        known = known + share
    mean = premultiplied.sum((0, 1)) / max(float(alpha.sum()), 1e-6)
    out = out + (1 - known)[..., None] * mean.astype(np.float32)
    return np.asarray(np.clip(out, 0, 255), np.float32)
