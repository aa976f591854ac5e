"""The middle of the way between two views of one photograph, beside plain flow and a plain blend.

First and last frame are crops of a photograph in examples/, 1280x720; the true middle is the crop
half-way between them. PSNR of the middle frame in dB.

    python -m benchmarks.pairs
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.media import EXAMPLES
from mutoscope.engines.flipbook.pairs.transition import transition

Rgb = npt.NDArray[np.uint8]
WIDTH, HEIGHT = 1280, 720
PHOTOGRAPHS = ("astronaut.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg")
#: way → (zoom, shift in widths) at the last frame and in the middle
WAYS = {
    "zoom 1.4": ((1.4, 0.0), (1.4**0.5, 0.0)),
    "shift by a sixth": ((1.3, 1 / 6), (1.3, 1 / 12)),
}


def view(photo: Rgb, zoom: float, shift: float) -> Rgb:
    """The frame that sees the photograph `zoom` times as large, `shift` frames to the right."""
    height, width = photo.shape[:2]
    scale = min(width / WIDTH, height / HEIGHT) / zoom
    left = (width - 1) / 2 - scale * ((WIDTH - 1) / 2 - shift * WIDTH)
    matrix = np.array([[scale, 0, left], [0, scale, (height - 1) / 2 - scale * (HEIGHT - 1) / 2]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(
        photo, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(seen, np.uint8)


def by_flow(first: Rgb, last: Rgb) -> npt.NDArray[np.float32]:
    """OpenCV's DIS both ways, each picture warped half-way, mixed."""
    flow: Any = cv2.DISOpticalFlow.create(cv2.DISOpticalFlow_PRESET_MEDIUM)
    one, other = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (first, last))
    y, x = np.mgrid[: first.shape[0], : first.shape[1]].astype(np.float32)
    halves = []
    for picture, way in ((first, flow.calc(one, other, None)), (last, flow.calc(other, one, None))):
        halves.append(
            cv2.remap(
                picture, x - way[..., 0] / 2, y - way[..., 1] / 2, cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ).astype(np.float32)
        )  # fmt: skip
    return np.asarray((halves[0] + halves[1]) / 2, np.float32)


def psnr(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    """Decibels between two pictures."""
    off = one.astype(np.float64) - other.astype(np.float64)
    return float(10 * np.log10(255**2 / np.mean(off**2)))


def main() -> None:
    print(f"{'photograph':<16}{'way':<18}{'ours':>6}{'DIS':>7}{'blend':>7}")
    for name in PHOTOGRAPHS:
        stored = cv2.imread(str(EXAMPLES / name))
        if stored is None:
            raise FileNotFoundError(EXAMPLES / name)
        photo = np.ascontiguousarray(stored[..., ::-1], np.uint8)
        for way, (end, middle) in WAYS.items():
            first = view(photo, end[0] if end[1] else 1.0, 0.0)
            last, true = view(photo, *end), view(photo, *middle)
            ours = list(transition(first, last, 3).frames())[1]
            blend = (first.astype(np.float32) + last) / 2
            figures = (psnr(made, true) for made in (ours, by_flow(first, last), blend))
            print(f"{name:<16}{way:<18}" + "".join(f"{figure:7.1f}" for figure in figures))


if __name__ == "__main__":
    main()
