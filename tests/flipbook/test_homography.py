"""The way from one view to another."""

import math

import numpy as np
import pytest

from mutoscope.engines.flipbook.pairs.homography import Way, apply, exponential, logarithm, movement

W, H = 640, 360


def similarity(zoom: float, degrees: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    turn = math.radians(degrees)
    about = np.array([[1, 0, (W - 1) / 2], [0, 1, (H - 1) / 2], [0, 0, 1.0]])
    spin = zoom * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    middle = np.eye(3)
    middle[:2, :2] = spin
    middle[:2, 2] = x, y
    return np.asarray(about @ middle @ np.linalg.inv(about))


def pan(degrees: float) -> np.ndarray:
    turn = math.radians(degrees)
    camera = np.array([[600, 0, (W - 1) / 2], [0, 600, (H - 1) / 2], [0, 0, 1.0]])
    spin = [[math.cos(turn), 0, math.sin(turn)], [0, 1, 0], [-math.sin(turn), 0, math.cos(turn)]]
    return np.asarray(camera @ np.array(spin) @ np.linalg.inv(camera))


CASES = {
    "nothing": np.eye(3),
    "shift": similarity(1, 0, 80, -20),
    "zoom": similarity(1.4, 0),
    "turn": similarity(1, 70),
    "all": similarity(0.6, -25, 40, 10),
    "pan": pan(12),
}


@pytest.mark.parametrize("name", CASES)
def test_the_way_leads_from_nothing_to_the_whole(name: str) -> None:
    matrix = CASES[name]
    way = Way.of(matrix, W, H)
    assert way is not None
    assert np.allclose(way.at(0), np.eye(3), atol=1e-9)
    assert np.allclose(way.at(1), matrix / matrix[2, 2], atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_the_parts_of_a_way_make_the_whole(name: str) -> None:
    way = Way.of(CASES[name], W, H)
    assert way is not None
    both = way.at(0.3) @ way.at(0.5)
    assert np.allclose(both / both[2, 2], way.at(0.8), atol=1e-7)


def test_a_zoom_grows_by_the_same_factor_each_step() -> None:
    way = Way.of(similarity(4, 0), W, H)
    assert way is not None
    assert movement(way.at(0.5), W, H).zoom == pytest.approx(2)


def test_a_turn_keeps_its_size_half_way() -> None:
    way = Way.of(similarity(1, 90), W, H)
    assert way is not None
    half = movement(way.at(0.5), W, H)
    assert half.zoom == pytest.approx(1)
    assert half.turn == pytest.approx(45)


def test_a_pan_stays_the_camera_s_own_path() -> None:
    way = Way.of(pan(12), W, H)
    assert way is not None
    assert np.allclose(way.at(0.5), pan(6) / pan(6)[2, 2], atol=1e-7)


def test_a_mirrored_view_has_no_way() -> None:
    assert Way.of(np.diag([-1.0, 1.0, 1.0]), W, H) is None
    assert logarithm(np.diag([-1.0, -1.0, 1.0])) is None
    assert logarithm(np.zeros((3, 3))) is None


def test_exponential_undoes_logarithm() -> None:
    matrix = similarity(1.2, 30, 0.1, 0.2) / 1.0
    found = logarithm(matrix)
    assert found is not None
    again = exponential(found)
    assert np.allclose(again / again[2, 2], matrix, atol=1e-7)


def test_movement_is_what_a_viewer_sees() -> None:
    seen = movement(similarity(1.25, 10, 64, -36), W, H)
    assert seen.zoom == pytest.approx(1.25)
    assert seen.turn == pytest.approx(10)
    assert seen.shift_x == pytest.approx(0.1)
    assert seen.shift_y == pytest.approx(-0.1)


def test_points_behind_the_camera_are_nowhere() -> None:
    matrix = np.array([[1.0, 0, 0], [0, 1, 0], [0.01, 0, -1]])
    assert np.isinf(apply(matrix, np.array([[10.0, 10.0]]))).all()
