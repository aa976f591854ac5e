"""What kind of picture it is, where that changes how `auto` brings it into the frame."""

from __future__ import annotations

import cv2
import numpy as np

from mutoscope.images.border import border_colour
from mutoscope.images.decode import Photo, Rgb
from mutoscope.images.faces import find_faces

#: A face at least this high, as a part of the picture, makes it a portrait.
PORTRAIT_FACE = 0.12
#: A screen's picture: this share of neighbours exactly alike, and of the edges upright or level.
SCREEN_FLAT, SCREEN_SQUARE = 0.55, 0.7
_LOOKED_AT = 640


def kind_of(photo: Photo) -> tuple[str, str | None]:
    """("portrait" | "screenshot" | "product" | "", the plain border's colour or None).

    Faces count only where the weights are here. Raises BadImage where the file is damaged.
    """
    rgb = photo.thumbnail(_LOOKED_AT)
    faces = find_faces(rgb)
    if faces and faces[0].box.height >= PORTRAIT_FACE:
        return "portrait", None
    if photo.focal_35mm is None and photo.format in ("PNG", "WebP") and looks_like_screen(rgb):
        return "screenshot", None
    border = border_colour(rgb)
    return ("product" if border else ""), border


def looks_like_screen(rgb: Rgb) -> bool:
    """Large areas of one exact colour, and edges that run level or upright: windows and text."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.int16)
    across, down = np.diff(grey, axis=1)[:-1], np.diff(grey, axis=0)[:, :-1]
    flat = float(np.mean((across == 0) & (down == 0)))
    if flat < SCREEN_FLAT:
        return False
    strong, weak = np.maximum(abs(across), abs(down)), np.minimum(abs(across), abs(down))
    edges = strong >= 24
    return bool(edges.any()) and float(np.mean(weak[edges] <= strong[edges] // 4)) >= SCREEN_SQUARE
