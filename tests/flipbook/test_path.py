"""Paths: nothing beyond the picture, nothing that jerks, and the truth about every move."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutoscope.direction.model import MOVES, Direction, Move, MoveName, Speed
from mutoscope.engines.flipbook.camera import model as camera
from mutoscope.engines.flipbook.camera.model import AT_REST, FAR, PITCH, ROLL, TX, TZ, YAW, ZOOM
from mutoscope.engines.flipbook.camera.path import CameraPath, plan_path
from mutoscope.engines.flipbook.camera.view import View

VIEW = View(1280, 720, real=(43, 21, 43, 21), slope=1 / 720)
BARE = View(1280, 720, slope=1 / 720)


def path(*moves: Move, view: View = VIEW, seconds: float = 4, **more: Any) -> CameraPath:
    direction = Direction(seconds=seconds, camera=moves)
    return plan_path(direction, view, fps=24, frames=round(24 * seconds), **more)


def move(name: MoveName, start: float = 0, end: float = 4, **more: Any) -> Move:
    return Move(move=name, start=start, end=end, **more)


def travel(one: CameraPath, view: View = VIEW) -> camera.Array:
    """Where near points of the frame are seen, n×p×2."""
    points = np.array([(0, 0), (1279, 0), (640, 360), (0, 719), (1279, 719)], float)
    return camera.source(one.poses, view.lens, points, 1.0)


@st.composite
def timelines(draw: st.DrawFn) -> list[Move]:
    moves = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.floats(0, 3))
        amount = draw(st.one_of(st.none(), st.floats(0, 90)))
        speed: Speed = draw(st.sampled_from(["slow", "normal", "fast"]))
        name = draw(st.sampled_from(MOVES))
        end = start + draw(st.floats(0.1, 4))
        moves.append(Move(move=name, start=start, end=end, speed=speed, amount=amount))
    return moves


@settings(max_examples=120, deadline=None)
@given(
    moves=timelines(), loop=st.booleans(), first=st.booleans(), seed=st.integers(0, 99),
    room=st.sampled_from([(0, 0), (43, 21), (300, 0)]), depth=st.sampled_from([(0, 1), (0.3, 0.6)]),
)  # fmt: skip
def test_the_picture_s_border_is_never_seen(
    moves: list[Move],
    loop: bool,
    first: bool,
    seed: int,
    room: tuple[int, int],
    depth: tuple[float, float],
) -> None:
    view = View(640, 360, real=(*room, *room), slope=1 / 360, far=depth[0], near=depth[1])
    one = path(*moves, view=view, loop=loop, first_frame=first, seed=seed)
    points = np.stack(np.meshgrid(np.linspace(0, 639, 9), np.linspace(0, 359, 7)), -1).reshape(
        -1, 2
    )
    for disparity in (*depth, sum(depth) / 2):
        seen = camera.source(one.poses, view.lens, points, float(camera.inverse_depth(disparity)))
        assert seen[..., 0].min() >= -room[0] - 1e-6
        assert seen[..., 0].max() <= 639 + room[0] + 1e-6
        assert seen[..., 1].min() >= -room[1] - 1e-6
        assert seen[..., 1].max() <= 359 + room[1] + 1e-6
    if first:
        assert one.starts_at_rest
    assert len(one.instructions) == max(1, len(moves))
    assert np.isfinite(one.poses).all()


@pytest.mark.parametrize("name", [name for name in MOVES if name not in ("static", "handheld")])
@pytest.mark.parametrize("first", [False, True])
def test_moves_begin_and_end_softly(name: MoveName, first: bool) -> None:
    one = path(move(name), first_frame=first)
    steps = np.abs(np.diff(travel(one), axis=0)).max(axis=(1, 2))
    assert steps.max() > 0.2, "it moves"
    assert steps[0] < 0.08 * steps.max()
    assert steps[-1] < 0.08 * steps.max()
    jerks = np.abs(np.diff(travel(one), n=2, axis=0)).max(axis=(1, 2))
    assert jerks.max() < 0.12 * steps.max(), "speed never jumps"


def test_consecutive_moves_do_not_jerk_at_the_joint() -> None:
    one = path(
        move("static", 0, 0.5), move("dolly_in", 0.5, 2), move("pan_left", 2, 4), first_frame=False
    )
    steps = np.diff(travel(one), axis=0)
    change = np.abs(np.diff(steps, axis=0)).max(axis=(1, 2))
    joint = round(2 / 4 * 95)
    assert change[joint - 3 : joint + 3].max() <= change.max()
    assert change.max() < 0.2 * np.abs(steps).max()
    assert np.abs(steps[:9]).max() < 0.05  # the hold


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("first", [False, True])
def test_a_loop_closes_without_a_seam(name: MoveName, first: bool) -> None:
    one = path(move(name), loop=True, first_frame=first, seed=3)
    around = np.concatenate([travel(one), travel(one)[:1]])
    steps = np.abs(np.diff(around, axis=0)).max(axis=(1, 2))
    assert steps[-1] <= max(steps[0], steps[-2]) * 1.02 + 1e-6


@pytest.mark.parametrize(
    ("name", "axis", "sign"),
    [
        ("pan_right", YAW, -1), ("pan_left", YAW, 1), ("tilt_up", PITCH, -1), ("tilt_down", PITCH, 1),
        ("truck_right", TX, 1), ("truck_left", TX, -1), ("roll_cw", ROLL, -1), ("roll_ccw", ROLL, 1),
        ("dolly_in", TZ, 1), ("dolly_out", TZ, -1), ("zoom_in", ZOOM, 1), ("zoom_out", ZOOM, -1),
        ("orbit_right", TX, 1), ("orbit_left", TX, -1),
    ],
)  # fmt: skip
def test_each_way_is_the_named_one(name: MoveName, axis: int, sign: int) -> None:
    for first in (False, True):
        poses = path(move(name), first_frame=first).poses
        assert np.sign(poses[-1, axis] - poses[0, axis]) == sign


def test_a_dolly_ends_as_large_as_it_says_with_parallax() -> None:
    one = path(move("dolly_in", amount=1.18))
    deep = [float(camera.inverse_depth(d)) for d in (0, 0.5, 1)]
    corner = np.array([[0.0, 0.0]])
    far, pivot, near = (
        639.5 / (639.5 - camera.source(one.poses[-1], VIEW.lens, corner, rho)[0, 0, 0])
        for rho in deep
    )
    assert pivot == pytest.approx(1.18, abs=0.002)
    assert near - far > 0.08
    assert far > 1.02


def test_outward_moves_end_on_the_whole_picture() -> None:
    for name in ("zoom_out", "dolly_out"):
        one = path(move(name), view=BARE, first_frame=False)
        assert np.abs(one.poses[-1] - AT_REST).max() < 1e-6
        assert one.instructions[0].outcome == "done"


def test_what_does_not_fit_is_made_smaller_and_said() -> None:
    one = path(move("pan_right", amount=20, words="pan right by 20 degrees"), first_frame=True)
    said = one.instructions[0]
    assert said.words == "pan right by 20 degrees"
    assert said.outcome == "approximated"
    got = np.degrees(one.poses[0, YAW] - one.poses[-1, YAW])
    assert f"pan of 20.0° reduced to {got:.1f}°" in said.how
    small = path(move("pan_right", amount=2), first_frame=True).instructions[0]
    assert small.outcome == "done"


def test_uprights_lean_two_degrees_at_most() -> None:
    for name in ("truck_right", "orbit_left"):
        one = path(move(name, amount=0.2 if name == "truck_right" else 30), first_frame=True)
        shear = VIEW.lens.focal * np.abs(one.poses[:, TX]).max() * (1 - FAR) * VIEW.slope
        assert np.degrees(np.arctan(shear)) <= 2.0 + 1e-6


def test_without_a_move_a_slow_dolly_and_the_word_for_it() -> None:
    one = path()
    assert one.poses[-1, TZ] > 0.02
    assert "no camera move is named" in one.instructions[0].how


def test_static_rests() -> None:
    one = path(move("static", words="the camera does not move"))
    assert np.abs(one.poses - AT_REST).max() == 0
    assert one.instructions[0].outcome == "done"


def test_speed_words_and_length_order_the_amounts() -> None:
    def ends(speed: Speed, seconds: float) -> float:
        done = path(move("zoom_in", end=seconds, speed=speed), seconds=seconds)
        return float(done.poses[-1, ZOOM])

    assert 1.05 < ends("slow", 4) < ends("normal", 4) < ends("fast", 4) < 1.5
    assert ends("normal", 2) < ends("normal", 8)


def test_overlapping_moves_add() -> None:
    both = path(move("zoom_in"), move("dolly_in")).poses[-1]
    assert both[ZOOM] > path(move("dolly_in")).poses[-1, ZOOM] * 1.1
    assert both[TZ] == pytest.approx(path(move("dolly_in")).poses[-1, TZ])


def test_handheld_feels_like_a_person() -> None:
    one = path(move("handheld", end=20), seconds=20, seed=5, first_frame=False)
    centre = camera.source(one.poses, VIEW.lens, np.array([[640.0, 360.0]]), 0.5)[:, 0, 0]
    size = centre.std()
    assert 1.5 < size < 12  # pixels of 1280
    power = np.abs(np.fft.rfft((centre - centre.mean()) * np.hanning(len(centre)))) ** 2
    hertz = np.fft.rfftfreq(len(centre), 1 / 24)
    assert power[(hertz > 0.1) & (hertz < 1.2)].sum() > 0.7 * power.sum()
    assert power[hertz > 4].sum() < 0.01 * power.sum()
    again = path(move("handheld", end=20), seconds=20, seed=5, first_frame=False)
    other = path(move("handheld", end=20), seconds=20, seed=6, first_frame=False)
    assert (one.poses == again.poses).all()
    assert np.abs(one.poses - other.poses).max() > 1e-4


def test_stop_motion_goes_in_steps() -> None:
    direction = Direction(seconds=2, camera=(move("dolly_in", end=2),), style="stop_motion")
    poses = plan_path(direction, VIEW, fps=24, frames=48).poses
    held = [bool((a == b).all()) for a, b in pairwise(poses)]
    assert 22 <= sum(held) <= 30


def test_planning_is_quick() -> None:
    begin = time.process_time()
    path(move("pan_right", amount=20, end=20), move("handheld", end=20), seconds=20)
    assert time.process_time() - begin < 0.5


def test_the_same_words_give_the_same_path() -> None:
    assert (path(move("orbit_left")).poses == path(move("orbit_left")).poses).all()
    assert path(move("dolly_in"), loop=True).poses[0] == pytest.approx(AT_REST)


def test_real_room_is_used_first_and_on_its_own_side() -> None:
    view = View(1280, 720, real=(0, 9, 60, 9), painted=(21, 0, 4, 0), slope=1 / 720)
    one = path(move("pan_right", amount=2), view=view, first_frame=False)
    seen = camera.reach(one.poses, view.lens, (FAR, 1.0))
    assert one.closer == one.paint == 0
    assert seen[:, 0].min() >= -1e-6
    assert seen[:, 2].max() > 1279 + 40
    more = path(move("pan_right", amount=15), view=view, first_frame=False)
    assert more.paint == 1
    assert "painted in" in more.instructions[0].how


def test_an_orbit_behind_a_subject_keeps_its_angle_and_its_pivot() -> None:
    view = View(1280, 720, slope=1 / 720, pivot=0.85, backdrop=0.55)
    one = path(move("orbit_right"), view=view, first_frame=False)
    assert np.degrees(np.ptp(one.poses[:, YAW])) > 4
    assert one.relief(0.85) == pytest.approx(0.85)
    assert one.relief(0.55) == pytest.approx(0.55)
    assert (np.diff(one.relief(np.linspace(0, 1, 50))) > 0).all()
    assert one.held


def test_what_is_kept_in_the_middle_stays_there() -> None:
    direction = Direction(
        seconds=4, camera=(move("truck_right"),), keep=("the product in the centre",)
    )
    one = plan_path(direction, VIEW, fps=24, frames=96)
    assert one.held
    assert one.poses[-1, TX] > one.poses[0, TX]
    assert not path(move("truck_right")).held


def test_the_same_move_twice_does_not_stop_between() -> None:
    one = path(move("pan_left", 0, 2), move("pan_left", 2, 4), first_frame=False)
    steps = np.abs(np.diff(one.poses[:, YAW]))
    assert steps[42:52].min() > 0.95 * steps.max()
