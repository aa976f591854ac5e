"""A photograph brought to a film's frame as the film's own was, and held against it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mutoscope.errors import BadInput
from mutoscope.quality.asking import Asked
from mutoscope.quality.fidelity import Fidelity, fidelity
from mutoscope.quality.flow import Rgb
from mutoscope.shot import Fit, Size


def held_against(
    frame: Rgb, photo: str | Path | None, asked: Asked | None, field: str
) -> Fidelity | None:
    """None where no photograph is given. Raises BadInput or BadImage for one that cannot be read."""
    if photo is None:
        return None
    place = Path(photo)
    if not place.is_file():
        raise BadInput(f"{place} is not there; {field} takes a photograph", field=field)
    return fidelity(frame, brought(place, (frame.shape[1], frame.shape[0]), asked))


def brought(photo: Path, size: tuple[int, int], asked: Asked | None = None) -> Rgb:
    """The photograph in a frame of `size` (width, height), by the shot's own fit; by `auto` without one."""
    from mutoscope.images.decode import open_photo
    from mutoscope.images.fit import fitted
    from mutoscope.images.framing import framing

    even = Size(*(max(2, side + side % 2) for side in size))
    fit, fill, crop = (asked.fit, asked.fill, asked.crop) if asked else (Fit.AUTO, "", None)
    opened = open_photo(photo)
    rgb, _ = fitted(opened, framing(opened, even, fit, crop, fill=fill))
    if rgb.shape[1::-1] != size:
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return rgb
