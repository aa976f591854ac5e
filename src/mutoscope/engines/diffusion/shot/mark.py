"""The mark that a licence wants to be seen: small, in the corner of every frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from mutoscope.engines.flipbook.footage.reading import own
from mutoscope.finish.frame import planes_of
from mutoscope.shot import Size

#: Of the frame's short side: the letters' height and their way from the corner. How much covers the film.
TALL, ROOM, COVER = 0.03, 0.022, 0.8
#: Codes of luma: the letters, and the shade behind them.
WHITE, SHADE = 235, 16


def marked(frames: Iterable[av.VideoFrame], words: str, size: Size) -> Iterator[av.VideoFrame]:
    """The frames with the words in the lower right corner; as they are where there are none."""
    if not words:
        yield from frames
        return
    letters, shade = lettered(words, size)
    cover = COVER * np.maximum(letters, 0.55 * shade)
    light = (WHITE * letters + SHADE * 0.55 * shade * (1 - letters)) / np.maximum(
        np.maximum(letters, 0.55 * shade), 1e-6
    )
    small = cover.reshape(size.height // 2, 2, size.width // 2, 2).mean(axis=(1, 3))
    for frame in frames:
        made = own(frame)
        luma, *chroma = planes_of(made)
        part = luma[: size.height, : size.width]
        part[:] = np.rint(part + cover * (light - part)).astype(np.uint8)
        for plane in chroma:
            part = plane[: size.height // 2, : size.width // 2]
            part[:] = np.rint(part + small * (128.0 - part)).astype(np.uint8)
        yield made


def lettered(words: str, size: Size) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The letters and the soft shade behind them, 0..1, of the frame's size."""
    short = min(size.width, size.height)
    tall = max(9, round(TALL * short))
    while True:
        font = ImageFont.load_default(tall)
        box = font.getbbox(words)
        if box[2] - box[0] < 0.9 * size.width or tall <= 6:
            break
        tall -= 1
    room = max(2, round(ROOM * short))
    left, top = size.width - room - box[2], size.height - room - box[3]
    page = Image.new("L", (size.width, size.height))
    ImageDraw.Draw(page).text((left, top), words, fill=255, font=font)
    letters = np.asarray(page, np.float32) / np.float32(255)
    import cv2

    shade = cv2.GaussianBlur(letters, (0, 0), max(1.0, tall / 6))
    return letters, np.asarray(np.clip(3 * shade, 0, 1), np.float32)
