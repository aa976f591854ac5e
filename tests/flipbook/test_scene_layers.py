"""Plate, outline and grids: the parts of a scene, each on pictures drawn for it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.engines.flipbook.taking import plate
from mutoscope.engines.flipbook.taking.foreground import foreground
from mutoscope.engines.flipbook.taking.grids import Placing, extended, joined, nodes, smoothed
from mutoscope.engines.flipbook.taking.guided import guided
from mutoscope.engines.flipbook.taking.outline import hole, refined, without_crumbs
from mutoscope.images.plan import plan
from mutoscope.shot import Fit, Size

Rgb = npt.NDArray[np.uint8]


@pytest.fixture
def no_weights(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path))


def soft_disc(radius: float, edge: float = 3.0) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[0:180, 0:320]
    away = np.hypot(x - 160, y - 90) - radius
    return np.asarray(np.clip(0.5 - away / edge, 0, 1), np.float32)


def over(front: object, back: object, alpha: npt.NDArray[np.float32]) -> Rgb:
    mixed = np.asarray(front, float) * alpha[..., None] + np.asarray(back, float) * (
        1 - alpha[..., None]
    )
    return (mixed + 0.5).astype(np.uint8)


def test_guided_keeps_an_edge_of_the_picture() -> None:
    guide = np.zeros((40, 60), np.float32)
    guide[:, 30:] = 1
    rough = np.asarray(cv2.blur(guide, (15, 1)), np.float32)
    drawn = guided(guide, rough, 8, 1e-4)
    assert drawn[:, 28].max() < 0.3 < 0.7 < drawn[:, 31].min()


def test_a_rough_matte_is_drawn_to_the_outline() -> None:
    true = soft_disc(50, 2)
    picture = over((220, 60, 40), (30, 60, 90), true)
    rough = np.asarray(cv2.GaussianBlur(soft_disc(52), (0, 0), 2.5), np.float32)
    drawn = refined(picture, rough, 320)
    assert abs(drawn - true).mean() < 0.5 * abs(rough - true).mean()


def test_nothing_deep_inside_is_half_seen_through() -> None:
    alpha = soft_disc(60, 2)
    alpha[60:120, 130:160] *= 0.45  # the network doubts a part
    drawn = refined(over((200, 80, 40), (30, 60, 90), soft_disc(60, 2)), alpha, 320)
    assert drawn[70:110, 138:152].min() > 0.99


def test_crumbs_are_dropped() -> None:
    alpha = soft_disc(40)
    alpha[2:6, 2:6] = 1
    assert without_crumbs(alpha)[:10, :10].max() == 0
    assert without_crumbs(alpha)[90, 160] == 1


def test_colours_are_unmixed() -> None:
    alpha = soft_disc(50, 12)
    picture = over((220, 60, 40), (20, 60, 200), alpha)
    found = foreground(picture, alpha)
    edge = (alpha > 0.2) & (alpha < 0.8)
    mixed = abs(picture[edge].astype(int) - (220, 60, 40)).mean()
    assert abs(found[edge].astype(int) - (220, 60, 40)).mean() < 0.15 * mixed
    np.testing.assert_array_equal(found[alpha > 0.99], picture[alpha > 0.99])


def test_the_hole_is_wider_than_the_matte_and_fades() -> None:
    alpha = soft_disc(50, 2)
    whole = hole(alpha, 720)
    missing, share = whole.missing, whole.share
    across = np.flatnonzero(missing[90])
    assert 2 * 50 + 14 <= np.ptp(across) <= 2 * 50 + 26
    assert (share[alpha > 0.02] == 255).all()
    assert (share[missing == 0] == 0).all()
    assert ((share > 0) & (share < 255)).any()


@pytest.mark.usefixtures("no_weights")
def test_classical_filling_changes_only_the_hole() -> None:
    picture = np.full((180, 320, 3), (90, 140, 200), np.uint8)
    hidden = over((10, 10, 10), picture, soft_disc(40))
    whole = hole(soft_disc(40), 720)
    missing, share = whole.missing, whole.share
    found = plate.filled(hidden, missing, share)
    np.testing.assert_array_equal(found[missing == 0], hidden[missing == 0])
    assert abs(found.astype(int) - picture).max() <= 10


def test_the_border_is_mirrored_beyond_what_is_known() -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (80, 120, 3)).astype(np.uint8)
    known = np.zeros((80, 120), np.uint8)
    known[8:80, 16:110] = 255
    assert plate.beyond(known) == (8, 0, 16, 10)
    out = plate.continued(rgb, known)
    np.testing.assert_array_equal(out[known > 0], rgb[known > 0])
    near = abs(out[40, 15].astype(int) - rgb[40, 17]).max()
    assert near < 60  # softer with the distance, but the neighbour is nearly the mirrored pixel
    full = np.full((80, 120), 255, np.uint8)
    assert plate.continued(rgb, full) is rgb


def test_nodes_cover_the_layer() -> None:
    assert nodes(720, 1280) == (91, 161)
    assert nodes(721, 1) == (92, 2)


@pytest.mark.parametrize("fit", [Fit.COVER, Fit.STRETCH, Fit.PAD])
def test_placing_finds_the_frame_in_the_picture(fit: Fit) -> None:
    laid = plan(Size(400, 400), Size(320, 180), fit)
    middles = (np.arange(400) + 0.5) / 400
    across = np.repeat(middles.astype(np.float32)[None], 400, 0)
    centre = Placing.of(laid, 0, 0).sample(across, (1, 320), 1, cv2.BORDER_REPLICATE)[0]
    left, right = laid.place.left, laid.place.right
    middle = int((left + right) / 2)
    assert centre[middle] == pytest.approx(0.5, abs=0.005)
    lower = laid.crop.left / 400 + 0.5 / laid.scale[0] / 400
    assert centre[int(left)] == pytest.approx(lower, abs=0.005)


def test_a_smooth_plate_keeps_its_slope_and_forgets_its_hole() -> None:
    ramp = np.repeat(np.linspace(0.1, 0.9, 90, dtype=np.float32)[:, None], 160, 1)
    missing = np.zeros_like(ramp)
    missing[30:60, 60:100] = 1
    values = np.where(missing > 0, 5, ramp).astype(np.float32)
    np.testing.assert_allclose(smoothed(values, missing), ramp, atol=0.002)


def test_a_plate_is_smooth_enough_for_the_renderer() -> None:
    """|f0·(tx − tz·a)·(1−e)·dd/dx| < .5 at 1280 wide for a travel of .05: see the renderer's search."""
    step = np.zeros((90, 160), np.float32)
    step[:, 80:] = 0.5
    slope = np.abs(np.diff(smoothed(step), axis=1)).max() / 8
    assert 1229 * 0.05 * slope < 0.5


def test_a_plate_is_as_smooth_as_its_frame_is_large() -> None:
    """What moves is a share of the frame: a frame twice as large needs slopes half as steep."""
    step = np.zeros((90, 320), np.float32)
    step[:, 160:] = 0.5
    small, large = (
        np.abs(np.diff(smoothed(step, width=width), axis=1)).max() for width in (960, 1920)
    )
    assert small == pytest.approx(2 * large, rel=0.05)


def test_feet_do_not_slide() -> None:
    background = np.repeat(np.linspace(0, 1, 40, dtype=np.float32)[:, None], 30, 1)
    present = np.zeros((40, 30), np.float32)
    present[5:30, 8:22] = 1
    values = np.where(present > 0, 0.6, 0.2).astype(np.float32)
    foot = np.zeros_like(present)
    foot[29, 8:22] = 1
    subject = joined(extended(values, present), background, foot)
    assert abs(subject[29, 8:22] - background[29, 8:22]).max() < 0.031  # which nobody sees
    assert np.ptp(subject[10:28, 10:20]) < 0.01
