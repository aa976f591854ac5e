"""The model's frames cover the film at the model's own tempo; pictures and parts meet to the frame."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.diffusion.shot_stage import checkpoint
from mutoscope.catalog.rules import Steps
from mutoscope.engines.diffusion.shot.times import (
    Timing,
    at_least,
    bounds,
    legal_lead,
    model_rate,
    nearest_place,
    timed,
)
from mutoscope.errors import BadShot

LONG = 1000.0


def sound(made: Timing, frames: int, rule: Steps) -> None:
    """What holds for every timing."""
    assert len(made.positions) == frames
    assert all(rule.allows(part.frames) for part in made.parts)
    assert all(one <= other for one, other in pairwise(made.positions))
    assert made.positions[-1] <= made.frames - 1
    for before, part in pairwise(made.parts):
        assert part.fresh == before.end  # no frame twice, none left out
        assert part.lead < part.frames


@settings(deadline=None)
@given(
    st.integers(1, 200),
    st.sampled_from([6.0, 12.0, 16.0, 23.976, 24.0, 25.0, 30.0, 60.0]),
    st.sampled_from([(4, 1, 5, 81), (8, 1, 9, 121), (4, 1, 17, 33), (1, 0, 1, 20)]),
    st.sampled_from([16.0, 24.0]),
)
def test_the_tempo_is_the_models_own(
    frames: int, fps: float, rule: tuple[int, int, int, int], rate: float
) -> None:
    a, b, low, high = rule
    steps = Steps(a=a, b=b, low=low, high=high)
    model = checkpoint("first", fps=rate, frames=steps, longest=LONG)
    made = timed(frames, fps, model, (0,))
    sound(made, frames, steps)
    for number, at in enumerate(made.positions):
        assert at == pytest.approx(number * rate / fps, abs=0.05)
    assert made.tempo == 0
    assert made.frames - 1 >= made.positions[-1] - 0.05


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 95), min_size=1, max_size=4, unique=True),
    st.sampled_from([12.0, 16.0, 24.0, 30.0]),
    st.sampled_from([None, Steps(a=8, b=1, low=0, high=10_000), Steps(a=4, low=0, high=10_000)]),
    st.integers(1, 9),
)
def test_every_picture_is_its_very_frame(
    pins: list[int], fps: float, places: Steps | None, lead: int
) -> None:
    model = checkpoint("frame", "lead", keyframes=places, longest=LONG, lead_frames=lead)
    try:
        made = timed(96, fps, model, pins, lead=legal_lead(lead, model))
    except BadShot:  # `test_two_pictures_nearer_...` says when
        assert len({0, *pins}) > 1
        return
    sound(made, 96, model.frames)
    for pin in pins:
        at = made.pins[pin]
        assert made.positions[pin] == at
        assert places is None or at == 0 or places.allows(at)
        holds = [part for part in made.parts if part.fresh <= at < part.end]
        assert len(holds) == (1 if at else len(holds))


@pytest.mark.parametrize("frames", range(8, 40))
@pytest.mark.parametrize("fps", [12.0, 16.0, 24.0])
def test_a_last_frame_that_only_a_film_can_end_with_is_the_finished_films_last(
    frames: int, fps: float
) -> None:
    model = checkpoint("first", "last", longest=LONG)
    made = timed(frames, fps, model, (0, frames - 1), whole_end=True)
    sound(made, frames, model.frames)
    assert made.positions[0] == 0
    assert made.positions[-1] == made.frames - 1 == made.pins[frames - 1]
    off = abs(made.frames - 1 - (frames - 1) * 16 / fps)
    assert off <= 2 or made.frames == 5  # half a step of 4; or the shortest film there is


def test_where_rates_are_the_same_only_the_last_frames_before_a_picture_are_computed() -> None:
    model = checkpoint("first", "last", frames=Steps(a=4, b=1, low=5, high=81), fps=16)
    made = timed(80, 16, model, (0, 79), whole_end=True)
    own = [at for at in made.positions if abs(at - round(at)) < 1e-9]
    assert made.positions[-1] == 80
    assert len(own) == 65
    assert made.tempo == pytest.approx(1 / 16)


def test_a_loops_return_is_one_past_the_last_frame_and_is_not_shown() -> None:
    model = checkpoint("first", "last", longest=LONG)
    made = timed(16, 16, model, (0, 16), whole_end=True)
    assert made.pins == {0: 0, 16: 16}
    assert made.positions == tuple(map(float, range(16)))


def test_what_is_gone_on_with_comes_before_the_first_frame() -> None:
    model = checkpoint("lead", lead_frames=5, longest=LONG)
    made = timed(12, 16, model, before=5, lead=5)
    assert made.positions == tuple(float(5 + n) for n in range(12))
    half = timed(12, 32, model, before=5, lead=5)
    assert half.positions[:3] == (4.5, 5.0, 5.5)


def test_parts_have_even_lengths() -> None:
    model = checkpoint("first", frames=Steps(a=4, b=1, low=5, high=81), fps=16, longest=LONG)
    made = timed(100, 16, model, (0,))
    assert [part.frames for part in made.parts] == [53, 49]


def test_a_film_longer_than_the_model_makes_is_refused_with_what_it_makes() -> None:
    with pytest.raises(BadShot, match=r"at most 1\.06 s"):
        timed(48, 16, checkpoint("first"), (0,))
    with pytest.raises(BadShot, match="at most 2 s"):
        timed(48, 16, checkpoint("first", longest=2.0), (0,))
    assert timed(32, 16, checkpoint("first", longest=2.0), (0,)).frames >= 32


def test_two_pictures_nearer_than_the_models_grid_are_refused() -> None:
    model = checkpoint("frame", keyframes=Steps(a=8, b=1, low=0, high=1000))
    with pytest.raises(BadShot, match="a picture every 8"):
        timed(16, 16, model, (9, 10))


def test_a_rate_that_the_model_can_be_told_is_its_own() -> None:
    model = checkpoint("first", fps=24, rates=(24.0, 30.0))
    assert [model_rate(model, fps) for fps in (12, 24, 25, 30, 60)] == [24, 24, 25, 30, 24]


def test_places_frames_and_leads() -> None:
    rule = Steps(a=4, b=1, low=5, high=17)
    assert [at_least(one, rule) for one in (1, 5, 6, 9, 10, 17, 18)] == [5, 5, 9, 9, 13, 17, 17]
    assert bounds(Steps(a=4, b=1, low=6, high=20)) == (9, 17)
    grid = Steps(a=8, b=1, low=0, high=100)
    assert [nearest_place(one, grid) for one in (0, 0.4, 4, 6, 9, 12, 14)] == [0, 0, 1, 9, 9, 9, 17]
    model = checkpoint("lead", lead_frames=7)
    assert [legal_lead(one, model) for one in (1, 4, 5, 6, 99)] == [1, 1, 5, 5, 5]
