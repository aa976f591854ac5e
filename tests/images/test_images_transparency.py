"""Which transparency makes a picture a cut-out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from mutoscope.images.decode import open_photo
from mutoscope.images.transparency import own_cutout

Levels = npt.NDArray[np.uint8]


def levels(width: int = 240, height: int = 160) -> Levels:
    return np.zeros((height, width), np.uint8)


def figure() -> Levels:
    found = levels()
    cv2.circle(found, (120, 50), 25, 255, -1)
    cv2.rectangle(found, (80, 90), (160, 150), 255, -1)
    cv2.rectangle(found, (115, 70), (125, 95), 255, -1)
    return found


def rounded() -> Levels:
    found = levels()
    cv2.rectangle(found, (40, 0), (199, 159), 255, -1)
    cv2.rectangle(found, (0, 40), (239, 119), 255, -1)
    for x in (40, 199):
        for y in (40, 119):
            cv2.circle(found, (x, y), 40, 255, -1)
    return found


def margin() -> Levels:
    found = levels()
    found[30:-30, 30:-30] = 255
    return found


def disc() -> Levels:
    found = levels()
    cv2.circle(found, (120, 80), 75, 255, -1)
    return found


def saved(path: Path, alpha: Levels, *, turned: bool = False) -> Path:
    rgba = np.dstack([np.full((*alpha.shape, 3), (200, 80, 20), np.uint8), alpha])
    exif = Image.Exif()
    if turned:
        exif[274] = 6
    Image.fromarray(rgba).save(path, exif=exif)
    return path


@pytest.mark.parametrize("ending", ["png", "webp", "avif"])
def test_a_figure_is_a_cutout(tmp_path: Path, ending: str) -> None:
    photo = open_photo(saved(tmp_path / f"a.{ending}", figure()))
    found = own_cutout(photo, 120, 80)
    assert found is not None
    assert found.shape == (80, 120)
    assert (
        np.abs(found - cv2.resize(figure(), (120, 80), interpolation=cv2.INTER_AREA) / 255).mean()
        < 0.02
    )


@pytest.mark.parametrize("shape", [rounded, margin, disc, levels, lambda: levels() + 255])
def test_a_frames_shape_is_none(tmp_path: Path, shape: object) -> None:
    assert callable(shape)
    assert own_cutout(open_photo(saved(tmp_path / "a.png", shape())), 120, 80) is None


def test_it_is_turned_with_its_picture(tmp_path: Path) -> None:
    photo = open_photo(saved(tmp_path / "a.png", figure(), turned=True))
    found = own_cutout(photo, photo.width, photo.height)
    assert found is not None
    assert np.array_equal(found, np.rot90(figure(), -1) / np.float32(255))


def test_sixteen_bits_and_palettes(tmp_path: Path) -> None:
    deep = np.dstack([np.full((160, 240, 3), 30_000, np.uint16), figure().astype(np.uint16) * 257])
    cv2.imwrite(str(tmp_path / "deep.png"), deep)
    plain = Image.fromarray(figure() // 255).convert("P")
    plain.save(tmp_path / "palette.png", transparency=0)
    for name in ("deep.png", "palette.png"):
        photo = open_photo(tmp_path / name)
        found = own_cutout(photo, photo.width, photo.height)
        assert found is not None, name
        assert np.array_equal(found > 0.5, figure() > 127), name
