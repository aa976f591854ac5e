"""Any text at all is read: without an exception, in time that grows with its length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutoscope.direction.model import Direction
from mutoscope.direction.parse import direct
from mutoscope.direction.read import dump, read

WORDS = [
    "pan",
    "left",
    "right",
    "tilt",
    "up",
    "down",
    "zoom",
    "in",
    "out",
    "dolly",
    "truck",
    "orbit",
    "around",
    "the",
    "camera",
    "hold",
    "static",
    "slowly",
    "fast",
    "then",
    "and",
    "while",
    ",",
    ".",
    ":",
    ";",
    "-",
    "2",
    "0.5",
    "s",
    "seconds",
    "first",
    "last",
    "half",
    "at",
    "end",
    "from",
    "to",
    "3",
    "6",
    "degrees",
    "%",
    "x",
    "don't",
    "no",
    "without",
    "Kamera",
    "fährt",
    "nach",
    "links",
    "schwenken",
    "nicht",
    "dann",
    "und",
    "镜头",
    "向左",
    "摇",
    "推近",
    "不要",
    "秒",
    "3",
    "kameraet",
    "ikke",
    "mod",
    "højre",
    "trees",
    "sway",
    "background",
    "foreground",
    "keep",
    "sound",
    "of",
    "waves",
]
PROMPTS = st.one_of(
    st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
)


def holds(direction: Direction) -> None:
    assert list(direction.camera) == sorted(
        direction.camera, key=lambda move: (move.start, move.end)
    )
    for move in direction.camera:
        assert 0 <= move.start < move.end <= direction.seconds + 1e-9
        assert move.amount is None or move.amount > 0


@settings(max_examples=120, deadline=None)
@given(PROMPTS, st.floats(min_value=0.5, max_value=60))
def test_any_text_gives_a_timeline_within_the_clip(prompt: str, seconds: float) -> None:
    direction = direct(prompt, seconds)
    assert direction.seconds == seconds
    holds(direction)


@settings(max_examples=60, deadline=None)
@given(PROMPTS)
def test_what_is_printed_is_read_again(prompt: str) -> None:
    direction = direct(prompt)
    holds(direction)
    assert read(dump(direction), direction.seconds) == direction


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["pan ", "zoom in ", "a", ", ", "not ", "1 ", "2 s ", "the dog ", "推", "camera ", "镜头向左摇，", "0-3", "pan left, ",
     "zoom in 2 s then ", "keep the dog. ", "water flows ", "((((", "\n", "́", "‮pan"],
)  # fmt: skip
def test_32000_characters_of_anything_take_linear_time(piece: str) -> None:
    def spent(length: int) -> float:
        text = (piece * length)[:length]
        started = time.perf_counter()
        holds(direct(text, 8))
        return time.perf_counter() - started

    spent(1000)  # the lexicons are read once
    assert spent(32_000) < 2.0  # alone on a core: under 0.3 s
