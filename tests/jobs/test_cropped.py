"""A film that a shot begins from, cut to the part that is asked for."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from clips_made import frame, written
from mutoscope.errors import BadShot
from mutoscope.jobs.stages.cropped import box, cut
from mutoscope.shot import Crop, Size


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [one.to_ndarray(format="rgb24") for one in film.decode(video=0)]


def test_the_part_is_what_the_fractions_say(tmp_path: Path) -> None:
    film = written(tmp_path / "a.mp4", [frame(x) for x in (120, 140, 160, 180)])
    cut(film, Crop(0.25, 0.5, 0.75, 1.0), tmp_path / "part.mp4")
    whole, part = pictures(film), pictures(tmp_path / "part.mp4")
    assert len(part) == len(whole) == 4
    for one, other in zip(whole, part, strict=True):
        assert other.shape == (120, 160, 3)
        wanted = one[120:240, 80:240].astype(int)
        assert np.abs(wanted - other).mean() < 4
        assert np.abs(one[0:120, 0:160].astype(int) - other).mean() > 8


def test_sides_are_even_and_never_nothing() -> None:
    assert box(Size(320, 240), Crop(0.1, 0.1, 0.9, 0.9)) == (32, 24, Size(256, 192))
    left, top, size = box(Size(321, 241), Crop(0.333, 0, 1, 1))
    assert not any(side % 2 for side in (left, top, size.width, size.height))
    with pytest.raises(BadShot) as caught:
        box(Size(320, 240), Crop(0.0, 0.0, 0.05, 1.0))
    assert "at least 32" in caught.value.message
