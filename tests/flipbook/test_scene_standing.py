"""What stands on the ground, what lies on it, and what only seems to be in front."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.engines.flipbook.taking.disparity import rows
from mutoscope.engines.flipbook.taking.standing import (
    behind,
    contact_rows,
    lies,
    out_of_focus,
    reflected,
    standing,
)

Rgb = npt.NDArray[np.uint8]


def grained(height: int, width: int, seed: int = 0) -> Rgb:
    return np.random.default_rng(seed).integers(40, 220, (height, width, 3)).astype(np.uint8)


def test_a_body_is_as_near_as_its_feet() -> None:
    background = rows(200)
    alpha = np.zeros((400, 640), np.float32)
    alpha[100:300, 200:300] = 1
    near = standing(background, alpha, background, grained(400, 640))
    inside = near[60:140, 110:140]
    assert np.ptp(inside) < 0.01
    assert inside.mean() == pytest.approx(0.75, abs=0.01)
    np.testing.assert_array_equal(near[:, :90], background[:, :90])


def test_a_body_that_is_cut_off_stands_in_front_of_everything() -> None:
    inside = np.zeros((50, 60), bool)
    inside[20:, 20:40] = True
    assert contact_rows(inside)[25, 30] == 50


def test_two_feet_hold_up_what_is_between_them() -> None:
    inside = np.zeros((100, 90), bool)
    inside[20:60, 20:70] = True
    inside[60:90, 20:30] = True
    inside[60:90, 60:70] = True
    contact = contact_rows(inside)
    assert contact[40, 25] > 85
    assert contact[40, 45] > 85
    assert contact[5, 5] == 0


def test_a_long_subject_comes_nearer_along_its_length() -> None:
    inside = np.zeros((120, 300), np.uint8)
    cv2.line(inside, (20, 40), (280, 100), 1, 16)
    contact = contact_rows(inside > 0)
    assert contact[100, 278] - contact[40, 22] > 25


def test_each_subject_has_feet_of_its_own() -> None:
    inside = np.zeros((100, 200), bool)
    inside[20:50, 20:60] = True
    inside[30:90, 120:160] = True
    contact = contact_rows(inside)
    assert contact[30, 40] == pytest.approx(50, abs=1)
    assert contact[50, 140] == pytest.approx(90, abs=1)


def test_a_jetty_lies_and_a_person_stands() -> None:
    jetty = np.zeros((100, 160), np.uint8)
    cv2.fillPoly(jetty, [np.array([(0, 99), (159, 99), (120, 40), (40, 40)])], 1)
    assert lies(jetty > 0)
    assert not contact_rows(jetty > 0).any()
    person = np.zeros((100, 160), np.uint8)
    cv2.ellipse(person, (80, 100), (60, 55), 0, 0, 360, 1, -1)
    cv2.circle(person, (80, 30), 20, 1, -1)
    assert not lies(person > 0)
    near = standing(rows(200), jetty.astype(np.float32), rows(200), grained(200, 320))
    np.testing.assert_allclose(near, rows(200), atol=0.02)  # as far as the ground, all along


def lake(mirrored: bool) -> tuple[Rgb, npt.NDArray[np.bool_]]:
    """A hut before hills, and under it the same upside down and darker, or another ground."""
    above = cv2.GaussianBlur(grained(80, 320, 1), (0, 0), 3.0)
    above = np.asarray(np.clip((above.astype(np.float32) - 128) * 6 + 128, 0, 255), np.uint8)
    above[30:, 120:200] = grained(50, 80, 2) // 2 + 100
    below = above[::-1] if mirrored else np.roll(above, 57, axis=1)[::-1]
    picture = np.concatenate([above, (below * 0.7).astype(np.uint8)])
    inside = np.zeros((160, 320), bool)
    inside[30:130, 120:200] = True
    return picture, inside


def test_a_reflection_has_the_depth_of_its_water() -> None:
    picture, inside = lake(mirrored=True)
    found = reflected(inside, picture.mean(axis=2).astype(np.float32))
    assert found[82:130, 122:198].all()
    assert not found[:78].any()
    near = standing(rows(160), inside.astype(np.float32), rows(160), picture)
    assert near[40, 160] == pytest.approx(0.5, abs=0.02)  # at the water's edge, not at its far end
    np.testing.assert_allclose(near[90:125, 160], rows(160)[90:125, 160], atol=0.02)


def test_what_is_below_but_no_reflection_stays_with_its_body() -> None:
    picture, inside = lake(mirrored=False)
    assert not reflected(inside, picture.mean(axis=2).astype(np.float32)).any()


def test_before_what_is_out_of_focus_nothing_is_nearer_than_the_subject() -> None:
    sharp = grained(360, 640)
    alpha = np.zeros((360, 640), np.float32)
    alpha[120:200, 280:360] = 1
    blurred = cv2.GaussianBlur(sharp, (0, 0), 8.0)
    picture = np.where(alpha[..., None] > 0, sharp, blurred).astype(np.uint8)
    assert out_of_focus(picture, alpha)
    assert not out_of_focus(sharp, alpha)
    near = standing(rows(180), alpha, rows(180), picture)
    assert behind(rows(180), near, alpha).max() < near[80, 160] - 0.1
