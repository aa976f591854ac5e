"""Paint beyond the border, and in holes: kept where it goes on with the picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.engines.flipbook.taking import beyond, plate

Rgb = npt.NDArray[np.uint8]
MARGIN = 32


def meadow(seed: int = 0) -> Rgb:
    noise = np.random.default_rng(seed).normal((80, 120, 60), 9, (256, 448, 3))
    return np.asarray(np.clip(noise, 0, 255), np.uint8)


def bordered() -> npt.NDArray[np.uint8]:
    known = np.zeros((256, 448), np.uint8)
    known[MARGIN:-MARGIN, MARGIN:-MARGIN] = 255
    return known


def test_without_weights_a_border_stays_mirrored(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path))
    picture = meadow()
    assert beyond.painted(picture, bordered()) is picture


def test_paint_of_the_pictures_own_colours_is_kept_and_strange_paint_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture, made = meadow(0), meadow(1)
    made[-MARGIN:, 100:220] = (190, 40, 30)
    monkeypatch.setattr(beyond, "session", lambda name: object())
    monkeypatch.setattr(plate, "by_network", lambda network, rgb, hole: made)
    known = bordered()
    out = beyond.painted(picture, known)
    np.testing.assert_array_equal(out[known > 0], picture[known > 0])
    np.testing.assert_array_equal(out[: MARGIN // 2], made[: MARGIN // 2])
    strange = out[-MARGIN + 4 :, 120:200].astype(int)
    assert (strange - picture[-MARGIN + 4 :, 120:200] == 0).mean() > 0.99


def test_what_the_network_brings_into_a_hole_is_faded_out(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, made = meadow(0), meadow(1)
    hole = np.zeros(picture.shape[:2], np.uint8)
    hole[60:200, 120:330] = 255
    made[100:150, 200:260] = (220, 60, 190)  # a guest
    monkeypatch.setattr(plate, "session", lambda name: object())
    monkeypatch.setattr(plate, "by_network", lambda network, rgb, missing: made[_box(hole)])
    out = plate.filled(picture, hole)
    guest = out[105:145, 205:255].astype(int)
    assert abs(guest - (80, 120, 60)).mean() < 25
    rest = np.s_[62:80, 125:325]
    assert abs(out[rest].astype(int) - made[rest]).max() <= 4
    np.testing.assert_array_equal(out[hole == 0], picture[hole == 0])


def _box(hole: npt.NDArray[np.uint8]) -> tuple[slice, slice]:
    return plate._around(hole)
