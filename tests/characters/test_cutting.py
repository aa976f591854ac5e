"""A figure judged and cut out of its frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from clips_made import HEIGHT, WIDTH, Rgb, frame, orange, smeared
from mutoscope.characters.cutting import Figure, cut_edges, cut_out, judged
from mutoscope.images.subject import SubjectMatte


def figure(rgb: Rgb) -> Figure:
    matte = orange(rgb)
    assert matte is not None
    found = judged(rgb, matte)
    assert found is not None
    return found


def test_a_whole_figure() -> None:
    found = figure(frame(160, 120, height=120))
    assert found.cut == ()
    assert found.whole == 1.0
    assert found.single == 1.0
    assert found.box == pytest.approx(
        (130 / WIDTH, 60 / HEIGHT, 190 / WIDTH, 180 / HEIGHT), abs=0.01
    )


@pytest.mark.parametrize(
    ("x", "y", "edges"),
    [
        (160, 200, ("bottom",)),
        (10, 120, ("left",)),
        (310, 120, ("right",)),
        (160, 30, ("top",)),
        (310, 210, ("right", "bottom")),
    ],
)
def test_the_edges_that_cut_it(x: float, y: float, edges: tuple[str, ...]) -> None:
    found = figure(frame(x, y))
    assert found.cut == edges
    assert found.whole < 1.0


def test_feet_cut_off_cost_least_and_a_head_most() -> None:
    feet, side, head = (figure(frame(x, y)).whole for x, y in ((160, 200), (10, 120), (160, 30)))
    assert feet > side > head


def test_a_toe_is_no_cut() -> None:
    alpha = np.zeros((100, 100), np.float32)
    alpha[20:80, 20:80] = 1
    alpha[80:, 50] = 1
    assert cut_edges(alpha) == ()


def test_a_smeared_figure_is_less_sharp() -> None:
    assert figure(smeared(frame())).sharp < 0.7 * figure(frame()).sharp


def test_two_pieces_are_less_of_one() -> None:
    rgb = frame(80)
    rgb[:, 200:] = frame(260)[:, 200:]
    assert figure(rgb).single == pytest.approx(0.5, abs=0.05)


def test_nothing_is_no_figure() -> None:
    empty = SubjectMatte(np.zeros((24, 32), np.float32), 0.0, 0.0)
    assert judged(frame(), empty) is None
    assert not cut_out(frame(), empty).any()


def test_the_cut_out_has_its_own_colours_and_nothing_else() -> None:
    rgb = frame()
    soft = np.asarray(cv2.GaussianBlur(rgb, (0, 0), 1.2), np.uint8)
    matte = orange(soft)
    assert matte is not None
    out = cut_out(soft, matte)
    assert out.shape == (HEIGHT, WIDTH, 4)
    alpha = out[..., 3]
    assert alpha[130, 160] == 255
    assert not out[alpha == 0].any()
    assert alpha[:50].max() == 0
    edge = (alpha > 40) & (alpha < 215)
    assert edge.any()
    green = out[..., 1][edge].astype(int) - out[..., 0][edge]
    mixed = soft[..., 1][edge].astype(int) - soft[..., 0][edge]
    assert green.mean() < mixed.mean() - 10  # less of the wall in it than the frame has there
