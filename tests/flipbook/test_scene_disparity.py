"""Nearness guessed from the picture: never worse than the row number alone."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.engines.flipbook.taking.backdrop import backdrop
from mutoscope.engines.flipbook.taking.disparity import WIDTH, doubtful, ground, rows
from mutoscope.engines.flipbook.taking.standing import standing
from mutoscope.engines.flipbook.taking.superpixels import neighbours, shortest_paths, superpixels

Rgb = npt.NDArray[np.uint8]


def rank_correlation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Spearman's."""
    ranks = []
    for values in (one, other):
        _, place, count = np.unique(values, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(count) - (count - 1) / 2)[place.ravel()])
    table = np.asarray(np.corrcoef(np.stack(ranks)))
    return float(table[0, 1])


def test_superpixels_follow_colours() -> None:
    lab = np.zeros((60, 80, 3), np.float32)
    lab[:, 37:, 0] = 60
    label = superpixels(lab, 40, 10.0)
    assert label.max() + 1 == len(np.unique(label))
    left, right = set(label[:, :36].ravel()), set(label[:, 38:].ravel())
    assert not left & right
    touch = neighbours(label, int(label.max()) + 1)
    assert (touch == touch.T).all()
    assert not touch.diagonal().any()


def test_shortest_paths() -> None:
    distance = np.array([[0, 1, np.inf], [1, 0, 1], [np.inf, 1, 0]], np.float64)
    shortest_paths(distance)
    assert distance[0, 2] == 2


def test_what_stands_out_from_the_backdrop_is_foreground() -> None:
    picture = np.full((180, 320, 3), (200, 205, 210), np.uint8)
    cv2.circle(picture, (160, 90), 40, (150, 40, 30), -1)
    found = backdrop(picture)
    assert found.background[:20].mean() > 0.8
    assert found.background[90, 160] < 0.2
    assert found.foreground[90, 160] > found.foreground[10, 10] + 0.5


def test_a_flat_picture_is_the_row_number() -> None:
    near = ground(np.full((200, 400, 3), 90, np.uint8))
    assert near.calm.shape == (160, WIDTH)
    assert rank_correlation(near.calm, rows(160)) > 0.999


def test_a_doubtful_subject_rises_as_far_as_the_network_agrees_with_itself() -> None:
    near, alpha = rows(160), np.zeros((80, 160), np.float32)
    alpha[20:60, 40:80] = 1
    sure, hardly = doubtful(near, alpha, 0.7), doubtful(near, alpha, 0.07)
    assert (sure - near)[80, 120] == pytest.approx(0.25, abs=0.01)
    assert (hardly - near)[80, 120] == pytest.approx(0.025, abs=0.01)
    np.testing.assert_array_equal(sure[:, :60], near[:, :60])


def views(rgb: Rgb, truth: npt.NDArray[np.float32]) -> list[tuple[Rgb, npt.NDArray[np.float32]]]:
    """The whole, and crops of it, each plain and mirrored."""
    height, width = rgb.shape[:2]
    out = [(rgb, truth)]
    for k in range(2):
        rng = np.random.default_rng(k)
        share = rng.uniform(0.6, 0.9)
        h, w = int(height * share), int(width * share)
        y, x = int(rng.uniform(0, height - h)), int(rng.uniform(0, width - w))
        part, near = rgb[y : y + h, x : x + w], truth[y : y + h, x : x + w]
        out += [(part, near), (np.ascontiguousarray(part[:, ::-1]), near[:, ::-1])]
    return out


@pytest.mark.weights
def test_never_below_the_row_number() -> None:
    from skimage import data

    from mutoscope.images.subject import find_subject

    left, _, disparity = data.stereo_motorcycle()  # type: ignore[no-untyped-call]
    truth = np.nan_to_num(disparity, posinf=0).astype(np.float32)
    gains, whole = [], 0.0
    for rgb, near in views(left, truth):
        matte = find_subject(rgb)
        assert matte is not None
        found = ground(rgb).under_the_sky(matte.alpha if matte.stable else None)
        if matte.stable:
            guess = standing(found.calm, matte.alpha, found.level, rgb)
        else:
            guess = doubtful(found.bold, matte.alpha, matte.quality)
        size = (guess.shape[1], guess.shape[0])
        seen = np.asarray(cv2.resize(near, size, interpolation=cv2.INTER_NEAREST), np.float32)
        known = seen > 0
        ours = rank_correlation(guess[known], seen[known])
        gains.append(ours - rank_correlation(rows(size[1])[known], seen[known]))
        whole = whole or ours
    assert min(gains) >= 0
    assert whole > 0.82  # the row number alone has .66
