"""A film's colours are read by the matrix that its file names."""

from __future__ import annotations

import av
import numpy as np
import pytest

from mutoscope.finish.rgb import rgb

#: H.273's number of a matrix → its KR and KB.
MATRICES = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087)}


@pytest.mark.parametrize("matrix", MATRICES)
def test_a_frame_is_read_by_the_matrix_that_it_names(matrix: int) -> None:
    kr, kb = MATRICES[matrix]
    red, green, blue = 200.0, 40.0, 90.0
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - luma) / (2 * (1 - kb)), (red - luma) / (2 * (1 - kr))
    codes = (16 + luma * 219 / 255, 128 + cb * 224 / 255, 128 + cr * 224 / 255)
    frame = av.VideoFrame(32, 16, "yuv420p")
    for plane, code in zip(frame.planes, codes, strict=True):
        plane.update(np.full((plane.height, plane.line_size), round(code), np.uint8).tobytes())
    frame.colorspace, frame.color_range = matrix, 1
    assert np.abs(rgb(frame)[8, 16].astype(int) - (200, 40, 90)).max() <= 2
