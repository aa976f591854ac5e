"""Camera paths through a still: at rest in its frame, moving there, never beyond the picture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mutoscope.direction.model import Direction, Move, MoveName
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera import model as camera
from mutoscope.engines.flipbook.camera.model import AT_REST, ZOOM
from mutoscope.engines.flipbook.camera.path import CameraPath, plan_path
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.stills.part import joined, part, part_round

VIEW = View(1280, 720, real=(43, 21, 43, 21), painted=(21, 10, 21, 10), slope=1 / 720)
MOVES: tuple[MoveName, ...] = (
    "dolly_in", "dolly_out", "zoom_in", "zoom_out", "pan_left", "truck_right", "pedestal_up",
    "orbit_right", "roll_cw", "handheld",
)  # fmt: skip
FRAMES = 96


def path(*moves: Move, meets: int | None, loop: bool = False) -> CameraPath:
    direction = Direction(seconds=4, camera=moves)
    return plan_path(direction, VIEW, fps=24, frames=FRAMES, meets=meets, loop=loop)


def steps(one: CameraPath) -> camera.Array:
    """How far points of the frame go from frame to frame, pixels."""
    points = np.array([(0, 0), (1279, 0), (400, 360), (0, 719), (1279, 719)], float)
    at = camera.source(one.poses, VIEW.lens, points, 1.0)
    return np.asarray(np.hypot(*np.moveaxis(np.diff(at, axis=0), -1, 0)).max(axis=1))


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("met", [1, 30, 48, 95])
def test_the_path_meets_the_still_and_goes_on_through_it(name: MoveName, met: int) -> None:
    one = path(Move(move=name, start=0, end=4), meets=met)
    assert np.abs(one.poses[met] - AT_REST).max() < 1e-9
    assert one.rests_at(met)
    assert VIEW.overrun(one.poses, 1.0) <= 0.5
    step = steps(one)
    assert step.max() > 0.1
    if name != "handheld":
        change = np.abs(np.diff(step))
        near = change[max(0, met - 3) : met + 2]
        assert near.max(initial=0) <= 2.5 * np.sort(change)[-12:].mean() + 0.05


@pytest.mark.parametrize("name", ["dolly_in", "pan_left", "orbit_right"])
def test_in_the_middle_of_a_move_it_does_not_stop(name: MoveName) -> None:
    step = steps(path(Move(move=name, start=0, end=4), meets=48))
    assert step[46:50].min() > 0.6 * np.median(step)
    assert step[46:50].max() < 1.6 * np.median(step) + 0.1


def test_a_push_in_is_wider_before_the_still_and_closer_after() -> None:
    one = path(Move(move="zoom_in", start=0, end=4), meets=48)
    assert one.poses[0, ZOOM] < 1 < one.poses[-1, ZOOM]
    assert all(a[ZOOM] <= b[ZOOM] for a, b in pairwise(one.poses))


def test_what_the_picture_has_no_room_for_before_the_still_is_said() -> None:
    asked = Move(move="zoom_in", start=0, end=4, amount=2.0)
    (said,) = path(asked, meets=90).instructions
    assert said.outcome == "approximated"
    assert "reduced" in said.how


def test_frame_0_is_what_a_first_frame_is() -> None:
    moves = (Move(move="truck_right", start=0, end=4), Move(move="handheld", start=1, end=3))
    direction = Direction(seconds=4, camera=moves)
    one = plan_path(direction, VIEW, fps=24, frames=FRAMES, first_frame=True)
    assert np.array_equal(one.poses, path(*moves, meets=0).poses)


def test_a_part_keeps_a_move_s_speed() -> None:
    whole = Direction(seconds=4, camera=(Move(move="truck_right", start=0, end=4, amount=0.1),))
    late = part(whole, 3.0, 4.0)
    (move,) = late.camera
    assert (move.start, move.end, late.seconds) == (0.0, 1.0, 1.0)
    assert move.amount == pytest.approx(0.025)
    grown = Direction(seconds=4, camera=(Move(move="dolly_in", start=0, end=4, amount=1.21),))
    assert part(grown, 0.0, 2.0).camera[0].amount == pytest.approx(1.1)


def test_where_no_move_is_asked_for_the_camera_rests() -> None:
    whole = Direction(seconds=4, camera=(Move(move="pan_left", start=0, end=1),))
    assert [move.move for move in part(whole, 2.0, 4.0).camera] == ["static"]
    assert part(Direction(seconds=4), 2.0, 4.0).camera == ()


def test_a_move_over_the_loop_s_seam_is_one_move() -> None:
    whole = Direction(seconds=4, camera=(Move(move="pan_left", start=0, end=4, words="pan left"),))
    late, early = part(whole, 3.0, 4.0), part(whole, 0.0, 0.5)
    (move,) = part_round(late.camera, early.camera, 1.0)
    assert (move.start, move.end) == (0.0, 1.5)


def test_an_instruction_is_done_where_it_is_done_in_every_part() -> None:
    done = Instruction("push in", "done", "1.1 times as large")
    never = Instruction("push in", "not_possible", "it moves out")
    (both,) = joined([("frames 0 to 9", [done]), ("frames 9 to 20", [never])])
    assert both.outcome == "approximated"
    assert both.how == "frames 0 to 9: 1.1 times as large; frames 9 to 20: it moves out"
    assert joined([("a", [done]), ("b", [done])]) == (done,)
    assert joined([("a", [never])]) == (never,)
