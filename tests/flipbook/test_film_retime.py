from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from made_films import moved, pan
from mutoscope.engines.flipbook.footage.between import Between
from mutoscope.engines.flipbook.footage.reading import rgb_of
from mutoscope.engines.flipbook.footage.retime import count, retimed
from mutoscope.finish.frame import planes_of, rgb_frame


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = np.mean((one.astype(float) - other) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def test_a_picture_between_two_is_where_it_would_be() -> None:
    made = moved(3, lambda number: (6.0 * number, 0.0, 1.0 + 0.02 * number), (320, 192))
    first, middle, last = (rgb_frame(rgb) for rgb in made)
    found = rgb_of(Between(first, last).at(0.5))[16:-16, 24:-24]
    wanted = rgb_of(middle)[16:-16, 24:-24]
    blend = (rgb_of(first).astype(float) + rgb_of(last))[16:-16, 24:-24] / 2
    assert psnr(found, wanted) > 34
    assert psnr(found, wanted) > psnr(blend, wanted) + 10


def test_no_ghost_where_the_flow_fails() -> None:
    """A spot that jumps too far to be followed is shown once, not twice at half strength."""
    ground = moved(1, lambda _: (0.0, 0.0, 1.0), (320, 192))[0] // 3
    one, other = ground.copy(), ground.copy()
    one[80:112, 20:52], other[80:112, 268:300] = 255, 255
    made = Between(rgb_frame(one), rgb_frame(other)).at(0.4)
    luma = np.array(planes_of(made)[0][:192, :320], int)
    here, there = luma[90:102, 30:42].mean(), luma[90:102, 278:290].mean()
    assert max(here, there) > 190
    assert min(here, there) < 110


def test_over_a_cut_the_nearer_frame_is_shown() -> None:
    one = rgb_frame(moved(1, lambda _: (-120.0, 0.0, 1.0))[0])
    other = rgb_frame(255 - moved(1, lambda _: (120.0, 80.0, 1.0))[0])
    between = Between(one, other)
    assert between.cut
    assert between.at(0.3) is one
    assert between.at(0.7) is other


@pytest.mark.parametrize(
    ("speed", "numbers"),
    [
        (2.0, [0, 2, 4, 6, 8]),
        (4.0, [0, 4, 8]),
        (3.0, [0, 3, 6]),
        (1.0, list(range(10))),
    ],
)
def test_faster_shows_the_sources_own_frames(speed: float, numbers: list[int]) -> None:
    given = [rgb_frame(rgb) for rgb in moved(10, pan)]
    made = list(retimed(given, 10, speed))
    if speed == 4.0:
        assert len(made) == count(10, 4.0) == 2
    else:
        assert [given.index(frame) for frame in made] == numbers


def test_half_speed_has_twice_the_frames_and_every_second_is_the_sources() -> None:
    given = [rgb_frame(rgb) for rgb in moved(6, pan)]
    made = list(retimed(given, 6, 0.5))
    assert len(made) == 12
    assert all(made[2 * number] is given[number] for number in range(6))
    assert made[11] is given[5]  # held: nothing follows


def test_slow_motion_moves_evenly() -> None:
    given = [
        rgb_frame(rgb) for rgb in moved(5, lambda number: (6.0 * number, 0.0, 1.0), (320, 192))
    ]
    lumas = [np.array(planes_of(frame)[0][:192, :320], float) for frame in retimed(given, 5, 1 / 3)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(lumas[:12])]
    assert max(steps) < 1.35 * min(steps)


def test_one_frame_stays_one() -> None:
    frame = rgb_frame(moved(1, pan)[0])
    assert list(retimed([frame], 1, 0.5)) == [frame, frame]
    assert list(retimed([], 0, 0.5)) == []
