"""When a transition is where."""

import numpy as np
import pytest

from mutoscope.engines.flipbook.pairs.pace import eased, times


@pytest.mark.parametrize("frames", [2, 3, 24, 97])
def test_a_way_begins_at_the_first_and_ends_at_the_last(frames: int) -> None:
    at = times(frames)
    assert len(at) == frames
    assert at[0] == 0
    assert at[-1] == 1
    assert (np.diff(at) >= 0).all()


def test_short_clips() -> None:
    assert times(1).tolist() == [0]
    assert times(2).tolist() == [0, 1]
    assert times(2, loop=True).tolist() == [0, 1]
    assert times(1, loop=True).tolist() == [0]


def test_the_speed_rises_and_falls_without_a_jump() -> None:
    steps = np.diff(times(240))
    assert steps[0] < steps[20] < steps[80]
    assert np.abs(np.diff(steps)).max() < 0.1 * steps.max()
    assert steps[100:140].std() < 1e-12


@pytest.mark.parametrize("frames", [24, 25, 96])
def test_a_loop_meets_the_last_picture_and_closes(frames: int) -> None:
    at = times(frames, loop=True)
    assert at[0] == 0
    assert at[frames // 2] == pytest.approx(1, abs=1e-12)
    steps = np.abs(np.diff(np.append(at, 0)))
    assert steps[-1] <= steps[-2]
    assert steps[-1] <= steps[:-1].max()


def test_it_rests_where_no_move_is_asked_for() -> None:
    at = times(101, spans=[(0.5, 1.0)])
    assert (at[:50] == 0).all()
    assert at[75] == pytest.approx(0.5)


def test_two_spans_share_the_way() -> None:
    at = times(101, spans=[(0.0, 0.25), (0.75, 1.0)])
    assert np.allclose(at[26:75], 0.5)


def test_even_speed() -> None:
    assert np.allclose(eased(np.linspace(0, 1, 11), 0.0), np.linspace(0, 1, 11))
