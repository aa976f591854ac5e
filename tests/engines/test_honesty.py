"""Every instruction that is neither camera nor nature comes back with the truth."""

from mutoscope.direction.model import Direction, Lens, Motion, Move
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.honesty import rest
from mutoscope.engines.flipbook.still import _chosen
from mutoscope.engines.flipbook.timing import Answered


def outcome(direction: Direction) -> dict[str, str]:
    return {one.words: one.outcome for one in rest(direction)}


def test_what_a_photograph_cannot_do_is_named_and_not_dropped() -> None:
    said = outcome(
        Direction(
            seconds=4,
            motion=(
                Motion(kind="walk", group="people", words="she walks"),
                Motion(kind="rotate", target="cup", direction="clockwise"),
                Motion(kind="darken", group="light", words="it grows dark"),
            ),
            lens=Lens(focus="shallow"),
            unread=("frobnicate the gizmo",),
        )
    )
    assert said == {
        "she walks": "not_possible",
        "cup rotate clockwise": "not_possible",
        "it grows dark": "not_possible",
        "shallow focus": "not_possible",
        "frobnicate the gizmo": "not_possible",
    }


def test_what_was_answered_is_left_alone_and_the_camera_to_the_path() -> None:
    moved = Direction(
        seconds=4,
        camera=(Move(move="pan_left", start=0, end=4),),
        motion=(Motion(kind="sway", group="nature", target="trees"),),
    )
    assert rest(moved, answered=Answered(motions=moved.motion)) == ()


def test_what_stays_is_done_unless_the_camera_carries_it_away() -> None:
    for move, expected in (("dolly_in", "done"), ("pan_right", "approximated")):
        one = direct(f"{move.replace('_', ' ')}, keeping the product in the centre", 4)
        assert [said.outcome for said in rest(one) if said.words.startswith("keep")] == [expected]


def test_lens_and_stop_motion_are_done_and_told() -> None:
    said = rest(Direction(seconds=4, lens=Lens(focal_mm=50), style="stop_motion"))
    assert [(one.words, one.outcome) for one in said] == [
        ("50 mm lens", "done"),
        ("stop motion", "done"),
    ]
    assert isinstance(said[0], Instruction)
    assert "40°" in said[0].how


def test_a_refused_move_is_not_picked_by_the_engine() -> None:
    assert [move.move for move in _chosen(direct("don't zoom, the cat sleeps", 4)).camera] == [
        "static"
    ]
    assert _chosen(direct("the cat sleeps", 4)).camera == ()
