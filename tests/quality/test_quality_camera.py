"""A camera whose way is known is recovered, by the strict fit to a stated error and by VBench's rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from filmed import Frames, photograph, textured, under_a_camera

from mutoscope.quality.camera import camera
from mutoscope.quality.jerk import jerk
from mutoscope.quality.leading import leading
from mutoscope.quality.vbench_camera import CLASSES, classified, vbench_camera

SIZE = (320, 180)
#: What the fit may be off by at the end: shares of the frame, a share of the zoom, degrees.
SHARE, ZOOM, ROLL = 0.002, 0.003, 0.1


def filmed(name: str, **moves: Any) -> Frames:
    return under_a_camera(photograph(name, 560), SIZE, 9, **moves)


MOVES: dict[str, dict[str, float]] = {
    "pan_right": {"pan": 0.12},
    "pan_left": {"pan": -0.12},
    "tilt_up": {"tilt": 0.119},
    "tilt_down": {"tilt": -0.119},
    "zoom_in": {"zoom": 1.18},
    "zoom_out": {"zoom": 1 / 1.18},
    "static": {},
}


@pytest.mark.parametrize(
    ("name", "photo"),
    [*((name, "coffee") for name in MOVES), ("pan_left", "rocket"), ("zoom_out", "rocket")],
)
def test_known_moves_are_recovered(name: str, photo: str) -> None:
    moves = MOVES[name]
    frames = filmed(photo, **moves)
    way = camera(frames)
    assert way.pan[-1] == pytest.approx(moves.get("pan", 0), abs=SHARE)
    assert way.tilt[-1] == pytest.approx(moves.get("tilt", 0), abs=SHARE)
    assert way.zoom[-1] == pytest.approx(moves.get("zoom", 1), rel=ZOOM)
    assert way.roll[-1] == pytest.approx(0, abs=ROLL)
    assert leading(way) == name
    assert name in vbench_camera(frames).classes


@pytest.mark.parametrize("roll", [12.0, -12.0])
def test_a_roll_is_told_from_a_zoom(roll: float) -> None:
    way = camera(filmed("coffee", roll=roll))
    assert way.roll[-1] == pytest.approx(roll, abs=ROLL)
    assert way.zoom[-1] == pytest.approx(1, rel=ZOOM)
    assert leading(way) == ("roll_cw" if roll > 0 else "roll_ccw")


def test_moves_together() -> None:
    way = camera(filmed("coffee", pan=0.05, tilt=-0.04, zoom=1.25, roll=5))
    assert way.pan[-1] == pytest.approx(0.05, abs=SHARE)
    assert way.tilt[-1] == pytest.approx(-0.04, abs=SHARE)
    assert way.zoom[-1] == pytest.approx(1.25, rel=ZOOM)
    assert way.roll[-1] == pytest.approx(5, abs=ROLL)


def test_the_way_of_every_frame() -> None:
    shape = np.sin(np.linspace(0, np.pi, 17)) ** 2  # there and back
    way = camera(under_a_camera(photograph("coffee", 560), SIZE, 17, pan=0.1, shape=list(shape)))
    assert np.abs(way.pan - 0.1 * shape).max() < SHARE
    assert np.abs(way.path[:, 0] - (0.5 - 0.1 * shape)).max() < SHARE


def test_farther_than_the_first_frame_reaches() -> None:
    """Nothing of the first frame is left: the fit goes from key frame to key frame."""
    frames = under_a_camera(textured(1200, 220), SIZE, 31, pan=1.5)
    way = camera(frames)
    assert way.pan[-1] == pytest.approx(1.5, rel=0.01)


def test_a_thing_that_passes_is_not_the_camera() -> None:
    frames = under_a_camera(photograph("coffee", 560), SIZE, 13, pan=0.06).copy()
    thing = textured(90, 90, seed=3)
    for number, frame in enumerate(frames):
        frame[40:130, 8 * number + 20 : 8 * number + 110] = thing
    assert camera(frames).pan[-1] == pytest.approx(0.06, abs=2 * SHARE)


def test_the_same_film_the_same_figures() -> None:
    frames = filmed("coffee", pan=0.05, zoom=1.1)
    assert np.array_equal(camera(frames).maps, camera(frames).maps)


@pytest.mark.parametrize("frames", [1, 2])
def test_hardly_any_frames(frames: int) -> None:
    film = under_a_camera(photograph("coffee", 400), SIZE, frames)
    assert len(camera(film).pan) == frames
    assert vbench_camera(film).classes == ("static",)


def test_a_blank_film_has_no_camera() -> None:
    blank = np.full((6, 90, 160, 3), 90, np.uint8)
    assert leading(camera(blank)) == "static"
    assert vbench_camera(blank).classes == ("static",)


#: The ways of the top, bottom, left and right point → the classes of VBench's table.
TABLE = [
    ([(-9, 0)] * 4, ("pan_right",)),
    ([(9, 0)] * 4, ("pan_left",)),
    ([(0, 9)] * 4, ("tilt_up",)),
    ([(0, -9)] * 4, ("tilt_down",)),
    ([(0, -9), (0, 9), (-9, 0), (9, 0)], ("zoom_in",)),
    ([(0, 9), (0, -9), (9, 0), (-9, 0)], ("zoom_out",)),
    ([(0, 0)] * 4, ("static",)),
    ([(1, -1)] * 4, ("static",)),  # 0.5 % of 256 is 1.28 pixels
    ([(-9, 9)] * 4, ("pan_right", "tilt_up")),
    ([(0, 0), (0, 0), (9, 0), (9, 0)], ("pan_left",)),  # static gives way
    ([(9, 0), (-9, 0), (0, 9), (0, -9)], ()),  # a roll has no name
]


@pytest.mark.parametrize(("ways", "classes"), TABLE)
def test_vbenchs_table(ways: list[tuple[int, int]], classes: tuple[str, ...]) -> None:
    assert classified(np.array(ways, np.float64), 256) == classes
    assert set(classes) <= set(CLASSES)


def test_jerk_finds_a_jolt() -> None:
    even = list(np.linspace(0, 1, 25))
    jolted = even[:12] + [one + 0.08 for one in even[12:]]
    photo = photograph("coffee", 560)
    calm, rough = (
        jerk(camera(under_a_camera(photo, SIZE, 25, pan=0.1, shape=shape)), 24.0)
        for shape in (even, jolted)
    )
    assert calm is not None
    assert rough is not None
    assert rough.worst > 5 * calm.worst
    assert int(rough.frames.argmax()) + 2 in (11, 12, 13)
    assert jerk(camera(under_a_camera(photo, SIZE, 3)), 24.0) is None
