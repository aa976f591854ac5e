"""A region's mark goes where its part of the picture goes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mutoscope.engines.comfyui.marks import marked
from mutoscope.images.plan import plan
from mutoscope.shot import Fit, Size


@pytest.mark.parametrize("shrunk", [1, 2])
@pytest.mark.parametrize(
    ("target", "fit", "box"),
    [
        (Size(200, 100), Fit.COVER, (50, 25, 150, 75)),  # left, top, right, bottom
        (Size(100, 100), Fit.COVER, (0, 25, 100, 75)),
        (Size(100, 200), Fit.PAD, (25, 88, 75, 113)),
        (Size(400, 400), Fit.PAD, (100, 150, 300, 250)),
    ],
)
def test_a_mark_lands_where_the_picture_does(
    tmp_path: Path, target: Size, fit: Fit, box: tuple[int, int, int, int], shrunk: int
) -> None:
    mask = np.zeros((100 // shrunk, 200 // shrunk), np.uint8)  # of a picture of 200x100
    mask[25 // shrunk : 75 // shrunk, 50 // shrunk : 150 // shrunk] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    out = marked(tmp_path / "mask.png", plan(Size(200, 100), target, fit), tmp_path / "out.png")
    seen = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    assert seen is not None
    assert seen.shape == (target.height, target.width)
    rows, columns = np.where(seen > 127)
    found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert np.abs(np.subtract(found, box)).max() <= 2
