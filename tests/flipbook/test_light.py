"""Light matched between two pictures."""

import numpy as np

from mutoscope.engines.flipbook.pairs.light import SAME_LIGHT, lit, match_light
from mutoscope.engines.flipbook.scene import Rgb


def picture() -> Rgb:
    y, x = np.mgrid[0:120, 0:160]
    planes = [x * 1.2 + 20, y * 1.5 + 30, (x + y) * 0.7 + 10]
    return np.asarray(np.clip(np.dstack(planes), 0, 235), np.uint8)


def darker(code: Rgb, stops: float) -> Rgb:
    return np.asarray(np.rint((code / 255.0) * 2 ** (stops / 2.2) * 255), np.uint8)


EVERYWHERE = np.ones((120, 160), bool)


def test_the_same_light_needs_no_curve() -> None:
    assert match_light(picture(), picture(), EVERYWHERE) is SAME_LIGHT


def test_a_darker_picture_is_met_from_both_sides() -> None:
    first = picture()
    last = darker(first, -1.5)
    light = match_light(first, last, EVERYWHERE)
    assert light.change < -20
    for t in (0.0, 0.3, 0.7, 1.0):
        one, two = light.at(t)
        a, b = lit(first, one).astype(int), lit(last, two).astype(int)
        assert np.abs(a - b).mean() < 3
    assert (lit(first, light.at(0.0)[0]) == first).all()
    assert (lit(last, light.at(1.0)[1]) == last).all()


def test_curves_never_fall() -> None:
    light = match_light(picture(), darker(picture(), -2), EVERYWHERE)
    assert (np.diff(light.onward, axis=0) >= 0).all()
    assert (np.diff(light.back, axis=0) >= 0).all()


def test_too_little_to_compare_is_left_alone() -> None:
    nowhere = np.zeros((120, 160), bool)
    assert match_light(picture(), darker(picture(), -2), nowhere) is SAME_LIGHT
