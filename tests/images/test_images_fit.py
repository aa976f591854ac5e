"""Pixels in the frame and around it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from pictures_made import encoded, psnr, scene, textured
from PIL import Image

from mutoscope.images.decode import open_photo
from mutoscope.images.fit import fitted
from mutoscope.images.plan import Box, plan
from mutoscope.shot import Crop, Fit, Size

pytestmark = pytest.mark.slow

MARGINS = [(16, 16), (64, 32), (7, 90)]
CASES = {
    "cover, from large": (Size(1200, 900), Size(480, 270), Fit.COVER),
    "cover, upright frame": (Size(1200, 900), Size(270, 480), Fit.COVER),
    "cover, enlarged": (Size(200, 150), Size(640, 360), Fit.COVER),
    "cover, size for size": (Size(640, 480), Size(640, 360), Fit.COVER),
    "pad": (Size(800, 600), Size(640, 360), Fit.PAD),
    "pad, enlarged": (Size(200, 150), Size(640, 360), Fit.PAD),
    "stretch, both ways": (Size(800, 200), Size(640, 360), Fit.STRETCH),
    "tiny": (Size(3, 2), Size(64, 64), Fit.COVER),
}


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("case", CASES)
def test_the_frame_is_the_same_whatever_the_margin(case: str, form: str) -> None:
    size, target, fit = CASES[case]
    photo = open_photo(encoded(textured(size.width, size.height), form))
    for focus in (None, Box(0.13, 0.21, 0.57, 0.83)):
        planned = plan(photo.size, target, fit, focus=focus)
        frame, known = fitted(photo, planned)
        assert frame.shape == (target.height, target.width, 3)
        assert (known == 255).all()
        for x, y in MARGINS:
            wide, known = fitted(photo, planned, x, y)
            assert wide.shape == (target.height + 2 * y, target.width + 2 * x, 3)
            assert known.shape == wide.shape[:2]
            assert np.array_equal(wide[y:-y, x:-x], frame)


@pytest.mark.parametrize("case", CASES)
def test_geometry_is_that_of_the_plan(case: str) -> None:
    size, target, fit = CASES[case]
    rgb = scene(size.width, size.height)
    photo = open_photo(encoded(rgb, "PNG"))
    planned = plan(photo.size, target, fit, focus=Box(0.1, 0.2, 0.6, 0.7), fill="#102030")
    frame, _ = fitted(photo, planned)
    crop, place = planned.crop, planned.place
    left, top, right, bottom = (int(v) for v in (place.left, place.top, place.right, place.bottom))
    with Image.fromarray(rgb) as image:
        box = (crop.left, crop.top, crop.right, crop.bottom)
        wanted = image.resize((right - left, bottom - top), Image.Resampling.BICUBIC, box=box)
    assert psnr(frame[top:bottom, left:right], np.asarray(wanted)) > 38
    if fit is Fit.PAD:
        assert tuple(frame[0, 0]) == (0x10, 0x20, 0x30)


@pytest.mark.parametrize("size", [(1600, 1200), (2003, 1501), (900, 675)])
def test_as_good_as_lanczos_on_all_pixels(size: tuple[int, int]) -> None:
    content = encoded(textured(*size))
    planned = plan(Size(*size), Size(320, 180), Fit.COVER)
    frame, _ = fitted(open_photo(content), planned)
    crop = planned.crop
    with Image.open(io.BytesIO(content)) as image:
        box = (crop.left, crop.top, crop.right, crop.bottom)
        wanted = image.resize((320, 180), Image.Resampling.LANCZOS, box=box)
    assert psnr(frame, np.asarray(wanted)) > 38


def test_a_picture_of_the_frames_size_is_not_touched() -> None:
    rgb = textured(640, 360)
    photo = open_photo(encoded(rgb, "PNG"))
    frame, _ = fitted(photo, plan(photo.size, Size(640, 360), Fit.STRICT))
    assert np.array_equal(frame, rgb)


def test_the_margin_shows_what_the_crop_cut_off() -> None:
    rgb = textured(640, 480)
    photo = open_photo(encoded(rgb, "PNG"))
    planned = plan(photo.size, Size(640, 360), Fit.COVER)
    wide, known = fitted(photo, planned, 32, 80)
    assert np.array_equal(wide[20:500, 32:672], rgb)  # 60 rows above and below, as they were
    assert (known[20:500, 32:672] == 255).all()
    assert known[:20].max() == known[500:].max() == known[:, :32].max() == known[:, 672:].max() == 0
    assert np.array_equal(wide[19, 32:672], rgb[0])  # beyond: the nearest pixel again


def test_the_margin_keeps_out_what_the_person_cut_off() -> None:
    rgb = np.zeros((400, 800, 3), np.uint8)
    rgb[:, 200:600] = 255
    photo = open_photo(encoded(rgb, "PNG"))
    planned = plan(photo.size, Size(400, 200), Fit.COVER, Crop(0.25, 0, 0.75, 1))
    wide, known = fitted(photo, planned, 100, 60)
    assert (wide == 255).all()
    assert (known[:, :100] == 0).all()
    assert (known[:, 100:500] == 255).all()


@pytest.mark.parametrize("fill", ["#336699", "blur"])
def test_the_pad_goes_on_into_the_margin(fill: str) -> None:
    photo = open_photo(encoded(textured(400, 400), "PNG"))
    wide, known = fitted(photo, plan(photo.size, Size(640, 360), Fit.PAD, fill=fill), 64, 32)
    assert (known == 255).all()
    if fill == "blur":
        step = np.abs(np.diff(wide[:, :200].astype(int), axis=1))
        assert step.max() <= 6  # no edge where the frame ends
    else:
        assert (wide[:, :100] == (0x33, 0x66, 0x99)).all()


@pytest.mark.parametrize("turned", [3, 5, 6, 8])
def test_turned_pictures_land_as_upright_ones(turned: int) -> None:
    from mutoscope.images.orient import _STEPS

    upright = textured(480, 360)
    transposed, mirrored, flipped = _STEPS[turned]
    stored = upright[::-1] if flipped else upright
    stored = stored[:, ::-1] if mirrored else stored
    stored = np.ascontiguousarray(stored.transpose(1, 0, 2) if transposed else stored)
    exif = Image.Exif()
    exif[0x0112] = turned
    planned = plan(Size(480, 360), Size(320, 180), Fit.COVER, focus=Box(0, 0, 0.4, 0.3))
    expected, _ = fitted(open_photo(encoded(upright, "PNG")), planned, 16, 32)
    got, _ = fitted(open_photo(encoded(stored, "PNG", exif=exif)), planned, 16, 32)
    assert psnr(got, expected) > 45
