"""Rules take what they say, and the nearest value is one that they take."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutoscope.catalog.rules import Range, Ratios, Rule, Set, Sides, Sizes, Steps, listed
from mutoscope.shot import Size

numbers = st.floats(-1e6, 1e6)
rules: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Set, st.lists(st.integers(0, 100), min_size=1).map(tuple)),
    st.builds(Range, st.integers(0, 50), st.integers(50, 100)),
    st.builds(
        Steps,
        a=st.integers(1, 8),
        low=st.integers(0, 20),
        high=st.integers(40, 99),
        b=st.integers(0, 7),
    ),
)


@settings(deadline=None)
@given(rules, numbers)
def test_the_nearest_value_is_allowed_and_nothing_allowed_is_moved(
    rule: Rule, value: float
) -> None:
    assert rule.allows(rule.nearest(value))
    if rule.allows(value):
        assert math.isclose(rule.nearest(value), value, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("rule", "yes", "no", "words"),
    [
        (Set((4, 8, 12), (16, 20)), (4, 8.0, 20), (5, 0, 24), "4, 8, 12, 16 or 20"),
        (Range(0.5, 60), (0.5, 7.25, 60), (0.49, 60.1, float("nan")), "0.5 to 60"),
        (Range(1, 1), (1,), (0, 2), "1"),
        (Steps(a=1, low=1, high=20), (1, 20), (0, 1.5, 21), "whole numbers from 1 to 20"),
        (Steps(a=2, low=64, high=4096), (64, 4096), (63, 65, 4098), "even numbers from 64 to 4096"),
        (Steps(a=8, b=1, low=9, high=121), (9, 81, 121), (8, 10, 129), "8·k + 1 from 9 to 121"),
    ],
)
def test_numbers(rule: Rule, yes: tuple[float, ...], no: tuple[float, ...], words: str) -> None:
    assert all(rule.allows(value) for value in yes)
    assert not any(rule.allows(value) for value in no)
    assert rule.words() == words


WIDE = Ratios(("16:9", "9:16"), (720, 2160))


@pytest.mark.parametrize(
    ("rule", "size", "takes"),
    [
        (Sizes(("1280x720",)), Size(1280, 720), True),
        (Sizes(("1280x720",)), Size(720, 1280), False),
        (Sides(a=2, low=64, high=4096), Size(64, 4096), True),
        (Sides(a=2, low=64, high=4096), Size(62, 100), False),
        (Sides(a=16, low=64, high=4096), Size(1280, 720), True),
        (Sides(a=16, low=64, high=4096), Size(1280, 724), False),
        (WIDE, Size(1280, 720), True),
        (WIDE, Size(720, 1280), True),
        (WIDE, Size(3840, 2160), True),
        (WIDE, Size(1920, 1080), False),
        (WIDE, Size(960, 720), False),
        (Ratios(("16:9",), (480,)), Size(854, 480), True),
    ],
)
def test_sizes(rule: Sizes | Sides | Ratios, size: Size, takes: bool) -> None:
    assert rule.allows(size) is takes


def test_words() -> None:
    assert WIDE.words() == "16:9 or 9:16 at 720p or 4k"
    assert listed(["a"]) == "a"
    assert listed([]) == ""
