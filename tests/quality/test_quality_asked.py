"""Whether the camera did what was asked, move by move."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from filmed import photograph, under_a_camera

from mutoscope.direction.model import Direction, Lens, Move
from mutoscope.quality.asked import judged
from mutoscope.quality.camera import Camera, camera

SECONDS, FRAMES = 1.0, 13
TIMES = np.linspace(0, SECONDS * (FRAMES - 1) / FRAMES, FRAMES)


@cache
def way(shape: str = "", **moves: float) -> Camera:
    shapes = {"swing": np.sin(np.linspace(0, 2 * np.pi, FRAMES)) / 2, "shaken": np.resize([0, 1.0], FRAMES)}  # fmt: skip
    given: Any = {**moves, "shape": list(shapes[shape]) if shape else None}
    return camera(under_a_camera(photograph("coffee", 560), (320, 180), FRAMES, **given))


def verdicts(seen: Camera, *moves: Any, loop: bool = False, **more: Any) -> list[str]:
    direction = Direction(seconds=SECONDS, camera=moves, **more)
    return [one.verdict for one in judged(direction, seen, TIMES, loop=loop)]


def move(name: Any, start: float = 0.0, end: float = SECONDS, amount: float | None = None) -> Move:
    return Move(move=name, start=start, end=end, amount=amount)


@pytest.mark.parametrize(
    ("seen", "yes", "no"),
    [
        ({"pan": 0.1}, ("pan_right", "truck_right"), ("pan_left", "tilt_up", "zoom_in", "static")),
        ({"pan": -0.1}, ("pan_left", "truck_left"), ("pan_right",)),
        ({"tilt": 0.1}, ("tilt_up", "pedestal_up"), ("tilt_down", "pan_right")),
        ({"zoom": 1.15}, ("zoom_in", "dolly_in"), ("zoom_out", "dolly_out", "static")),
        ({"zoom": 0.88}, ("zoom_out", "dolly_out"), ("zoom_in",)),
        ({"roll": 6.0}, ("roll_cw",), ("roll_ccw", "zoom_in")),
        ({}, ("static",), ("pan_left", "zoom_in", "handheld", "orbit_left")),
    ],
)
def test_each_move(seen: dict[str, float], yes: tuple[str, ...], no: tuple[str, ...]) -> None:
    for names, verdict in ((yes, "yes"), (no, "no")):
        for name in names:
            assert verdicts(way(**seen), move(name)) == [verdict], name


def test_moves_one_after_the_other() -> None:
    both = way(pan=0.1)
    assert verdicts(both, move("pan_right", 0, 0.5), move("zoom_in", 0.5, 1)) == ["yes", "no"]


def test_what_was_asked_not_to_be() -> None:
    assert verdicts(way(pan=0.1), move("pan_right"), refused=("zoom_in", "pan_right")) == ["yes", "yes"]  # fmt: skip
    assert verdicts(way(pan=0.1), refused=("pan_right",)) == ["no"]


def test_too_little_of_a_named_amount() -> None:
    """A tenth of the frame is 5.9 degrees of a lens of 55."""
    assert verdicts(way(pan=0.1), move("pan_right", amount=6.0)) == ["yes"]
    assert verdicts(way(pan=0.1), move("pan_right", amount=12.0)) == ["little"]
    tele = Lens(focal_mm=100)  # 20 degrees: 12 of them are more than half a frame
    assert verdicts(way(pan=0.1), move("pan_right", amount=6.0), lens=tele) == ["little"]
    assert verdicts(way(zoom=1.15), move("zoom_in", amount=1.15)) == ["yes"]
    assert verdicts(way(zoom=1.15), move("zoom_in", amount=2.0)) == ["little"]


def test_a_loop_goes_out_and_comes_back() -> None:
    swing = way("swing", pan=0.1)
    assert verdicts(swing, move("pan_right"), loop=True) == ["yes"]
    assert verdicts(swing, move("pan_left"), loop=True) == ["no"]
    asked = Direction(seconds=SECONDS, camera=(move("pan_right"),))
    (seen,) = judged(asked, swing, TIMES, loop=True)
    assert seen.saw == "right 5.0 %", "what it reached, not where it ended"


def test_a_hand_shakes_and_an_orbit_cannot_be_told() -> None:
    assert verdicts(way("shaken", pan=0.01), move("handheld")) == ["yes"]
    assert verdicts(way(pan=0.1), move("orbit_right")) == ["unknown"]
