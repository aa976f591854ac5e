"""Frames that show one figure, and most differently."""

from __future__ import annotations

import numpy as np

from clips_made import Rgb, frame, orange
from mutoscope.characters.variety import Look, look, of_one, varied


def seen(rgb: Rgb) -> Look:
    matte = orange(rgb)
    assert matte is not None
    box = matte.box
    assert box is not None
    return look(rgb, matte.alpha, (box.left, box.top, box.right, box.bottom))


def test_place_and_size_are_no_variety_but_a_turn_is() -> None:
    looks = [seen(frame(100)), seen(frame(200, 120, height=100)), seen(frame(150, mirrored=True))]
    assert varied(looks, [1.0, 0.9, 0.8], least=1, most=8) == [0, 2]


def test_the_best_comes_first_and_the_most_different_next() -> None:
    wide, narrow = seen(frame(wide=0.9)), seen(frame(wide=0.3))
    looks = [seen(frame()), seen(frame(mirrored=True)), wide, narrow]
    places = varied(looks, [0.5, 0.6, 0.7, 1.0], least=1, most=3)
    assert places[0] == 3
    assert places[1] == 2
    assert len(places) == 3


def test_at_least_so_many_where_there_are() -> None:
    same = [seen(frame(100 + n)) for n in range(5)]
    assert len(varied(same, [1.0] * 5, least=3, most=8)) == 3
    assert len(varied(same[:2], [1.0] * 2, least=3, most=8)) == 2


def test_another_thing_is_left_out() -> None:
    one = [seen(frame(100 + 10 * n)) for n in range(4)]
    blue = frame()[..., ::-1]
    other = look(
        np.ascontiguousarray(blue), np.ones(blue.shape[:2], np.float32), (0.4, 0.3, 0.6, 0.7)
    )
    assert of_one([*one, other]) == [0, 1, 2, 3]
