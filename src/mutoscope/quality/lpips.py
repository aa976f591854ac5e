"""LPIPS (Zhang et al., 2018): how different two pictures look, by AlexNet's features, version 0.1."""

from __future__ import annotations

import numpy as np

from mutoscope.images.sessions import session
from mutoscope.quality.flow import Rgb

#: Pictures smaller than this have no last feature map.
LEAST_SIDE = 64


def lpips(one: Rgb, other: Rgb) -> float | None:
    """0 for the same picture, above about .5 for different ones; both h×w×3. None where the weights are
    not here (`mutoscope weights fetch lpips`) or a side is under 64 pixels."""
    network = session("lpips")
    if network is None or min(one.shape[:2]) < LEAST_SIDE:
        return None
    feeds = {
        name: np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
        / np.float32(255)
        for name, picture in (("one", one), ("other", other))
    }
    (found,) = network.run(feeds)
    return float(found.ravel()[0])
