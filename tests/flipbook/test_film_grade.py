from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from made_films import moved, still, written
from mutoscope.direction.model import Edit
from mutoscope.direction.parse import direct
from mutoscope.engines.flipbook.footage.colour import Grader, coloured
from mutoscope.engines.flipbook.footage.grade import Grade, graded, tables
from mutoscope.engines.flipbook.footage.reading import frames, rgb_of
from mutoscope.engines.flipbook.footage.source import look
from mutoscope.finish.frame import planes_of, rgb_frame


def shade(words: str, grey: int | tuple[int, int, int] = 120) -> np.ndarray:
    """A plain colour after the words' grade, as RGB."""
    rgb = np.full((64, 64, 3), grey, np.uint8)
    grade = graded(direct(words, 4, film=True).edits)
    made = Grader(grade, 64, 64, seed=1).frame(rgb_frame(rgb), 0)
    return np.asarray(rgb_of(made).reshape(-1, 3).mean(axis=0))


def test_warmer_and_cooler_go_opposite_ways_and_leave_luma() -> None:
    warm, cold = shade("warmer"), shade("cooler")
    assert warm[0] > 124 > warm[1] + 1
    assert warm[2] < 110
    assert cold[2] > 130
    assert cold[0] < 116
    for made in (warm, cold):
        assert abs(made @ (0.2126, 0.7152, 0.0722) - 120) < 2


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [
        ("brighter", 128, 160),
        ("slightly brighter", 122, 140),
        ("much brighter", 140, 190),
        ("darker", 80, 112),
        ("20% brighter", 122, 150),
    ],
)
def test_brightness_by_degree(words: str, least: float, most: float) -> None:
    assert least < shade(words).mean() < most


def test_black_and_white_stay_where_they_are_when_it_gets_brighter() -> None:
    assert shade("much brighter", 0).mean() < 2
    assert shade("much brighter", 255).mean() > 253


def test_degrees_are_in_order() -> None:
    light, plain, strong = (shade(f"{word} warmer")[0] for word in ("slightly", "", "much"))
    assert 120 < light < plain < strong


def test_contrast_turns_about_mid_grey() -> None:
    assert shade("more contrast", 50).mean() < 46
    assert shade("more contrast", 200).mean() > 205
    assert shade("less contrast", 50).mean() > 55
    assert shade("less contrast", 200).mean() < 195
    assert abs(shade("more contrast", 107).mean() - 107) < 4


def test_saturation_moves_colour_and_not_light() -> None:
    red = (160, 100, 100)
    more, less = shade("more saturated", red), shade("less saturated", red)
    assert np.ptp(more) > 70
    assert np.ptp(less) < 50
    assert abs(more @ (0.2126, 0.7152, 0.0722) - less @ (0.2126, 0.7152, 0.0722)) < 2


def test_black_and_white_has_no_colour() -> None:
    assert np.ptp(shade("black and white", (200, 90, 40))) < 1.5
    assert np.ptp(shade("black and white film look", (200, 90, 40))) < 2.5


def test_sepia_is_brown() -> None:
    red, green, blue = shade("sepia", (90, 120, 200))
    assert red > green > blue + 15


def test_black_and_white_in_a_warm_tone() -> None:
    red, _, blue = shade("black and white, warmer")
    assert red > blue + 8


def test_edits_of_one_family_add_and_are_bounded() -> None:
    warm = graded([Edit(edit="warmer", degree="strong")] * 5)
    assert warm.warmth == 2.5
    assert not graded([Edit(edit="warmer"), Edit(edit="cooler")])
    assert not graded([Edit(edit="faster"), Edit(edit="reframe", shape="1:1")])


@pytest.mark.parametrize(
    "grade",
    [
        Grade(brightness=-2.5, contrast=2.5), Grade(brightness=2.5, contrast=-2.5),
        Grade(warmth=2.5, saturation=2.5, film=1.8), Grade(tone="sepia", contrast=2.5),
    ],
)  # fmt: skip
def test_every_grade_keeps_order_and_stays_in_range(grade: Grade) -> None:
    made = tables(grade)
    assert (np.diff(made.luma.astype(int)) >= 0).all()
    assert made.luma.min() >= 16
    assert made.luma.max() <= 235
    assert (np.linalg.det(made.turn) >= 0).all()  # no colour becomes its opposite
    assert np.isfinite(made.tint).all()


def test_grain_is_seeded_and_another_in_each_frame() -> None:
    plain = rgb_frame(np.full((96, 128, 3), 120, np.uint8))
    grade = Grade(film=1.0)

    def luma(seed: int, number: int) -> np.ndarray:
        made = Grader(grade, 128, 96, seed).frame(plain, number)
        return np.array(planes_of(made)[0][:96, :128], int)

    assert np.array_equal(luma(3, 7), luma(3, 7))
    assert not np.array_equal(luma(3, 7), luma(3, 8))
    assert not np.array_equal(luma(3, 7), luma(4, 7))
    assert 1.0 < luma(3, 7).std() < 4.0


def test_halation_reddens_what_lies_beside_a_light() -> None:
    rgb = np.full((128, 256, 3), 30, np.uint8)
    rgb[48:80, 100:140] = 255
    made = rgb_of(Grader(Grade(film=1.0), 256, 128, 0).frame(rgb_frame(rgb), 0)).astype(int)
    beside, far = made[56:72, 143:147].reshape(-1, 3).mean(0), made[:16, :16].reshape(-1, 3).mean(0)
    assert beside[0] - beside[2] > far[0] - far[2] + 4


def test_a_graded_frame_leaves_the_decoders_own_alone(tmp_path: Path) -> None:
    source = look(written(tmp_path / "film.mp4", moved(6, still)))
    before = [rgb_of(frame) for frame in frames(source)]
    kept: list[av.VideoFrame] = []

    def watched() -> list[av.VideoFrame]:
        kept.extend(frames(source))
        return kept

    list(coloured(watched(), Grade(brightness=2.0)))
    after = [rgb_of(frame) for frame in kept]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_no_grade_passes_frames_through(tmp_path: Path) -> None:
    frame = rgb_frame(np.zeros((64, 64, 3), np.uint8))
    assert next(coloured([frame], Grade())) is frame
