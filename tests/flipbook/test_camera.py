"""The camera's promises, as properties of the map from frame to photograph."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutoscope.engines.flipbook.camera import model as camera
from mutoscope.engines.flipbook.camera.model import (
    AT_REST,
    PITCH,
    ROLL,
    TX,
    TY,
    TZ,
    YAW,
    ZOOM,
    Array,
    Lens,
    inverse_depth,
)  # fmt: skip

LENS = Lens(1280, 720)
POINTS = np.stack(np.meshgrid(np.linspace(0, 1279, 7), np.linspace(0, 719, 5)), -1).reshape(-1, 2)
MIDDLE = np.array([LENS.centre])
FAR, NEAR = 1 / 12, 1.0


def pose(**axes: float) -> Array:
    one = np.array(AT_REST)
    for name, value in axes.items():
        one[{"tx": TX, "ty": TY, "tz": TZ, "yaw": YAW, "pitch": PITCH, "roll": ROLL, "zoom": ZOOM}[name]] = value  # fmt: skip
    return one


def seen(one: Array, rho: float, points: Array = POINTS) -> Array:
    answer: Array = camera.source(one, LENS, points, rho)[0]
    return answer


def test_at_rest_every_pixel_is_its_own() -> None:
    for rho in (FAR, 0.5, NEAR):
        assert np.allclose(seen(pose(), rho), POINTS, atol=1e-9)


def test_focal_length_of_a_55_degree_view() -> None:
    assert LENS.focal == pytest.approx(640 / math.tan(math.radians(27.5)))
    assert inverse_depth([0, 1]) == pytest.approx([FAR, NEAR])


turns = st.floats(-0.15, 0.15)


@given(yaw=turns, pitch=turns, roll=turns, zoom=st.floats(0.7, 2))
def test_turns_and_zoom_move_near_and_far_alike(
    yaw: float, pitch: float, roll: float, zoom: float
) -> None:
    one = pose(yaw=yaw, pitch=pitch, roll=roll, zoom=zoom)
    assert np.abs(seen(one, NEAR) - seen(one, FAR)).max() < 1e-8


@given(yaw=turns, tx=st.floats(-0.1, 0.1), tz=st.floats(-0.2, 0.3), rho=st.floats(FAR, NEAR))
def test_one_depth_is_moved_by_a_homography(yaw: float, tx: float, tz: float, rho: float) -> None:
    to = seen(pose(yaw=yaw, tx=tx, tz=tz), rho)
    rows = []
    for (x, y), (u, v) in zip(POINTS / 1000, to / 1000, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    h = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    back = np.c_[POINTS / 1000, np.ones(len(POINTS))] @ h.T
    assert np.abs(1000 * back[:, :2] / back[:, 2:] - to).max() < 1e-4


@pytest.mark.parametrize("axes", [{"tz": 0.1}, {"tx": 0.05}, {"ty": 0.03}])
def test_travel_shows_parallax(axes: dict[str, float]) -> None:
    apart = np.abs(seen(pose(**axes), NEAR) - seen(pose(**axes), FAR)).max()
    assert 30 < apart < 80  # pixels of 1280


def middle_moves(one: Array, rho: float = 0.5) -> Array:
    """Which way the picture's middle goes in the frame: against where the frame's middle looks."""
    moved: Array = MIDDLE[0] - seen(one, rho, MIDDLE)[0]
    return moved


def test_the_picture_goes_against_the_camera() -> None:
    assert middle_moves(pose(tx=0.05))[0] < 0  # camera right, picture left
    assert middle_moves(pose(ty=-0.05))[1] > 0  # camera up, picture down
    assert middle_moves(pose(yaw=-0.05))[0] < 0  # turned right
    assert middle_moves(pose(pitch=-0.05))[1] > 0  # turned up
    assert abs(middle_moves(pose(tx=0.05), NEAR)[0]) > abs(middle_moves(pose(tx=0.05), FAR)[0])


def test_dolly_in_makes_near_things_grow_faster() -> None:
    corner = np.array([[0.0, 0.0]])

    def grown(rho: float) -> float:
        return float(MIDDLE[0, 0] / (MIDDLE[0, 0] - seen(pose(tz=0.1), rho, corner)[0, 0]))

    assert grown(NEAR) == pytest.approx(1 / 0.9)
    assert grown(NEAR) > grown(0.5) > grown(FAR) > 1


@given(angle=st.floats(-0.1, 0.1), rho=st.floats(0.2, 0.9))
def test_an_orbit_keeps_its_pivot_still(angle: float, rho: float) -> None:
    one = pose(yaw=angle, tx=math.tan(angle) / rho)
    assert np.abs(middle_moves(one, rho)).max() < 1e-6
    if abs(angle) > 0.01:  # the wrong sign carries it away
        assert np.abs(middle_moves(pose(yaw=-angle, tx=math.tan(angle) / rho), rho)).max() > 20


@given(
    yaw=turns, pitch=turns, roll=turns, tx=turns, ty=turns, tz=turns, zoom=st.floats(0.8, 1.5),
    low=st.floats(FAR, 0.5), high=st.floats(0.5, NEAR),
)  # fmt: skip
def test_reach_bounds_every_pixel(
    yaw: float, pitch: float, roll: float, tx: float, ty: float, tz: float, zoom: float,
    low: float, high: float,
) -> None:  # fmt: skip
    one = pose(yaw=yaw, pitch=pitch, roll=roll, tx=tx, ty=ty, tz=tz, zoom=zoom)
    box = camera.reach(one[None], LENS, (low, high))[0]
    for rho in np.linspace(low, high, 4):
        at = seen(one, rho)
        assert (at >= box[:2] - 1e-6).all()
        assert (at <= box[2:] + 1e-6).all()


def test_travel_is_nothing_at_rest_and_grows() -> None:
    steps = np.stack([pose(tx=tx) for tx in (0.0, 0.01, 0.02)])
    far = camera.travel(steps, LENS, 0.5)
    assert far[0] == pytest.approx(0, abs=1e-9)
    assert far[2] == pytest.approx(2 * far[1])
