"""What of a figure is compared: as far down as both are seen, and its clothes below the chin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.images.faces import Face
from mutoscope.images.plan import Box
from mutoscope.quality.consistency import body as room
from mutoscope.quality.consistency import figure, identity
from mutoscope.quality.consistency.body import LYING, NO_CLOTHES, Body
from mutoscope.quality.consistency.looks import Look

Mask = npt.NDArray[np.float32]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Mask]:
    """The mattes that looks were asked for."""
    seen: list[Mask] = []

    def look(rgb: Any, alpha: Mask) -> Look:
        assert rgb.shape[:2] == alpha.shape
        seen.append(alpha)
        return Look(np.zeros(2, np.float32), np.zeros(2, np.float32))

    monkeypatch.setattr(room, "look", look)
    return seen


def person(down: int, tall: int = 400, wide: int = 300) -> Body:
    """A figure 120 wide from row 20 to `down`, its face 40×40 with the chin at row 80."""
    alpha = np.zeros((tall, wide), np.float32)
    alpha[20:down, 90:210] = 1
    rgb = np.zeros((tall, wide, 3), np.uint8)
    return Body(rgb, alpha, Box(130 / wide, 40 / tall, 170 / wide, 80 / tall))


def rows(mask: Mask) -> tuple[int, int]:
    found = np.flatnonzero((mask > 0.5).any(1))
    return int(found[0]), int(found[-1]) + 1


def test_a_close_up_is_compared_with_as_much_of_the_whole_figure(looked: list[Mask]) -> None:
    close, whole = person(140), person(380)
    level = close.level(whole)
    assert level == whole.level(close) == 1.2  # 60 pixels below a chin, of a face of 40
    close.whole(level)
    whole.whole(level)
    assert [rows(mask)[1] for mask in looked] == [60 + 48, 60 + 48]  # rows are counted from 20
    assert {rows(mask)[0] for mask in looked} == {0}


def test_clothes_begin_below_the_chin(looked: list[Mask]) -> None:
    one = person(380)
    assert one.unclothed == ""
    one.clothing(2.6)
    assert rows(looked[0]) == (65, 60 + 104)


def test_a_head_alone_is_compared_and_has_no_clothes(looked: list[Mask]) -> None:
    head, whole = person(90), person(380)
    assert head.unclothed == NO_CLOTHES
    level = head.level(whole)
    assert level == 0.0
    assert whole.clothing(level) is None
    whole.whole(level)
    assert rows(looked[0]) == (0, 60)


def test_where_a_face_is_missing_the_figures_are_compared_as_they_are(looked: list[Mask]) -> None:
    alpha = np.zeros((300, 300), np.float32)
    alpha[50:250, 100:200] = 1
    turned = Body(np.zeros((300, 300, 3), np.uint8), alpha, None)
    assert turned.level(person(380)) is None
    assert turned.unclothed == ""
    turned.whole(None)
    turned.clothing(None)
    assert [rows(mask) for mask in looked] == [(0, 200), (40, 200)]


def test_a_figure_that_lies_has_clothes_that_cannot_be_told() -> None:
    alpha = np.zeros((100, 300), np.float32)
    alpha[20:80, 20:280] = 1
    assert Body(np.zeros((100, 300, 3), np.uint8), alpha, None).unclothed == LYING


def test_a_look_is_found_once(looked: list[Mask]) -> None:
    one = person(380)
    assert one.whole(1.2) is one.whole(1.2)
    assert len(looked) == 1


def test_only_a_small_copy_of_the_figure_is_kept() -> None:
    alpha = np.zeros((1200, 1000), np.float32)
    alpha[100:1100, 100:900] = 1
    one = Body(np.zeros((1200, 1000, 3), np.uint8), alpha, None)
    assert max(one.alpha.shape) == 480
    assert one.rgb.base is None or one.rgb.base.nbytes <= one.rgb.nbytes


def test_an_empty_matte_shows_nothing(looked: list[Mask]) -> None:
    empty = Body(np.zeros((50, 50, 3), np.uint8), np.zeros((50, 50), np.float32), None)
    assert not empty.seen
    assert empty.whole(None) is None
    assert looked == []


def at(left: float, right: float) -> Face:
    return Face(Box(left, 0.2, right, 0.4), 0.9)


def test_of_two_people_in_one_matte_each_has_what_is_nearer() -> None:
    alpha = np.ones((10, 100), np.float32)
    mine = figure.nearest(alpha, at(0.2, 0.3), [at(0.6, 0.7)])
    assert np.flatnonzero(mine[0]).tolist() == list(range(45))
    np.testing.assert_array_equal(figure.nearest(alpha, at(0.2, 0.3), []), alpha)


def test_a_body_in_proportion_to_its_face_holds_it() -> None:
    alpha = figure.proportioned(Face(Box(0.45, 0.1, 0.55, 0.25), 0.9), 400, 300)
    assert alpha.shape == (300, 400)
    assert alpha[30:75, 185:215].min() == 1
    assert 0.1 < (alpha > 0.5).mean() < 0.5


def test_a_face_is_laid_where_the_network_expects_it() -> None:
    angle, scale = np.radians(25), 1.7
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (identity.TEMPLATE - 75) @ turn.T + (300, 240)
    matrix = identity.similarity(points, identity.TEMPLATE)
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], identity.TEMPLATE, atol=1e-9)  # fmt: skip
    rgb = np.zeros((480, 600, 3), np.uint8)
    for number, (x, y) in enumerate(points.round().astype(int)):
        rgb[y - 6 : y + 7, x - 6 : x + 7] = 50 * (number + 1)
    share = tuple((x / 600, y / 480) for x, y in points)
    chip = identity.laid(rgb, Face(Box(0, 0, 1, 1), 0.9, share))
    assert chip is not None
    assert chip.shape == (150, 150, 3)
    seen = [int(chip[round(y), round(x), 0]) for x, y in identity.TEMPLATE]
    assert seen == [50, 100, 150, 200, 250]


def test_a_large_face_is_laid_there_too() -> None:
    points = identity.TEMPLATE * 8
    rgb = np.zeros((1200, 1200, 3), np.uint8)
    for number, (x, y) in enumerate(points.round().astype(int)):
        rgb[y - 40 : y + 41, x - 40 : x + 41] = 50 * (number + 1)
    chip = identity.laid(rgb, Face(Box(0, 0, 1, 1), 0.9, tuple(map(tuple, points / 1200))))
    assert chip is not None
    assert [int(chip[round(y), round(x), 0]) for x, y in identity.TEMPLATE] == [50, 100, 150, 200, 250]  # fmt: skip


def test_a_face_of_a_few_pixels_is_nobodys() -> None:
    points = tuple(map(tuple, identity.TEMPLATE * 0.2 / 100))
    assert identity.laid(np.zeros((100, 100, 3), np.uint8), Face(Box(0, 0, 1, 1), 0.9, points)) is None  # fmt: skip
