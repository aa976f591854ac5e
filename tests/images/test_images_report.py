"""What is measured of a picture, and of two."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pictures_made import Rgb, encoded, scene, textured

from mutoscope import weights
from mutoscope.images import faces, measure, report, subject
from mutoscope.images.border import border_colour
from mutoscope.images.decode import open_photo
from mutoscope.images.inspect import inspect
from mutoscope.images.kinds import kind_of, looks_like_screen
from mutoscope.images.pair_report import pair_report


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "session", lambda name: None)
    monkeypatch.setattr(weights, "find", lambda name: None)


def windows(turn: float = 0.0) -> Rgb:
    """A house front: rows of windows, turned clockwise by so many degrees."""
    rgb = np.full((480, 640, 3), 170, np.uint8)
    for y in range(20, 480, 90):
        for x in range(20, 640, 80):
            rgb[y : y + 60, x : x + 40] = (40, 50, 70)
    spin = cv2.getRotationMatrix2D((320, 240), -turn, 1.2)
    return np.asarray(cv2.warpAffine(rgb, spin, (640, 480)), np.uint8)


@pytest.mark.parametrize("turn", [-7.0, -3.0, 0.0, 2.0, 5.0])
def test_tilt(turn: float) -> None:
    found = measure.tilt(windows(turn))
    assert found is not None
    assert found == pytest.approx(turn, abs=0.3)


def test_no_lines_no_tilt() -> None:
    assert measure.tilt(scene(320, 240)) is None


def test_blur_lowers_sharpness() -> None:
    sharp = textured(640, 480)
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 3), np.uint8)
    assert measure.sharpness(sharp) > 0.6 > 0.45 > measure.sharpness(soft)
    assert measure.sharpness(np.full((64, 64, 3), 99, np.uint8)) == 0


def test_a_sharp_part_is_enough() -> None:
    sharp = textured(640, 480)
    partly = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 4), np.uint8)
    partly[120:360, 160:480] = sharp[120:360, 160:480]
    assert measure.sharpness(partly) == pytest.approx(measure.sharpness(sharp), abs=0.15)


def test_light() -> None:
    dark = measure.light(np.full((50, 50, 3), 10, np.uint8))
    white = measure.light(np.full((50, 50, 3), 255, np.uint8))
    assert dark.mean < 5
    assert white.white == 1
    assert white.range == 0


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_elements_are_counted(count: int) -> None:
    rgb = np.full((300, 400, 3), (40, 60, 120), np.uint8)
    colours = [(230, 40, 40), (240, 220, 60), (30, 200, 60), (250, 250, 250)]
    for number in range(count - 1):
        rgb[60:240, 20 + 95 * number : 100 + 95 * number] = colours[number]
    assert measure.elements(rgb) == count


@pytest.mark.parametrize(
    ("colour", "noise", "expected"),
    [
        pytest.param((255, 255, 255), 0, "#ffffff", id="white"),
        pytest.param((180, 200, 210), 1, "#b4c8d2", id="coloured, with noise"),
        pytest.param((128, 128, 128), 30, None, id="rough ground"),
    ],
)
def test_border(colour: tuple[int, int, int], noise: int, expected: str | None) -> None:
    rng = np.random.default_rng(0)
    rgb = np.full((200, 300, 3), colour, np.float64) + rng.normal(0, noise, (200, 300, 3))
    rgb[60:140, 100:200] = (150, 20, 20)
    assert border_colour(np.clip(rgb.round(), 0, 255).astype(np.uint8)) == expected


def test_no_border_where_a_side_differs_or_all_is_plain() -> None:
    rgb = np.full((200, 300, 3), 255, np.uint8)
    assert border_colour(rgb) is None
    rgb[150:] = (120, 90, 60)
    assert border_colour(rgb) is None


def screen() -> Rgb:
    rgb = np.full((480, 640, 3), 250, np.uint8)
    rgb[:40] = (30, 30, 40)
    rgb[:, :120] = (60, 70, 90)
    for y in range(60, 460, 18):
        for x in range(140, 620, 9):
            rgb[y : y + 8, x : x + 2 + (x * y) % 5] = 30
    return rgb


def test_kinds() -> None:
    product = np.full((300, 300, 3), 245, np.uint8)
    product[100:200, 80:220] = (200, 30, 30)
    assert looks_like_screen(screen())
    assert kind_of(open_photo(encoded(screen(), "PNG"))) == ("screenshot", None)
    assert kind_of(open_photo(encoded(product))) == ("product", "#f5f5f5")
    assert kind_of(open_photo(encoded(textured()))) == ("", None)


def test_report_has_a_sentence_for_every_number() -> None:
    found = report.image_report(open_photo(encoded(textured(800, 600)), name="a.jpg"))
    names = ["size", "subject", "elements", "exposure", "contrast", "sharpness", "tilt", "faces"]
    assert [finding.name for finding in found.findings] == names
    assert all(finding.sentence.endswith(".") for finding in found.findings)
    assert found["size"].value == 600
    assert found["size"].verdict == "fair"


def test_what_is_missing_is_said() -> None:
    found = report.image_report(open_photo(encoded(textured(800, 600))))
    assert "estimate" in found["subject"].sentence
    assert "mutoscope weights fetch faces" in found["faces"].sentence


def test_faces_have_three_ways_out() -> None:
    from mutoscope.images.plan import Box

    said = report._faces((faces.Face(Box(0.4, 0.2, 0.6, 0.6), 0.9),)).sentence
    assert all(way in said for way in ("no face is clear", "virtual person", "stylised"))


WORLD = textured(900, 700, seed=3)


def view(left: int, top: int, width: int = 600, height: int = 450) -> Rgb:
    part = WORLD[top : top + height, left : left + width]
    return np.asarray(cv2.resize(part, (600, 450), interpolation=cv2.INTER_AREA), np.uint8)


def night(rgb: Rgb) -> Rgb:
    linear = (rgb / 255.0) ** 2.2 * np.array([0.10, 0.13, 0.25])
    return np.asarray(255 * linear ** (1 / 2.2), np.uint8)


def test_pair_from_the_same_place() -> None:
    same = pair_report(view(50, 50), view(50, 50))
    assert same.same_composition
    assert same.same_light
    assert same.step < 0.005
    assert same.seconds == 0.5
    assert not same.unlikely_smooth


def test_pair_with_a_pan_has_its_step() -> None:
    moved = pair_report(view(50, 50), view(170, 110))
    assert moved.same_composition
    assert moved.step == pytest.approx(np.hypot(120, 60) / 750, rel=0.1)
    assert moved.zoom == pytest.approx(1, abs=0.02)
    assert not moved.unlikely_smooth
    assert 0.5 < moved.seconds <= 2


def test_pair_with_a_zoom() -> None:
    near = pair_report(view(50, 50), view(125, 106, 450, 338))
    assert near.zoom == pytest.approx(600 / 450, rel=0.03)
    assert not near.unlikely_smooth


def test_day_against_night_is_unlikely() -> None:
    report = pair_report(view(50, 50), night(view(50, 50)))
    assert report.same_composition
    assert not report.same_light
    assert report.unlikely_smooth
    assert "day does from night" in report.reasons[0]
    assert report.stops < -2.5


def test_unrelated_pictures_are_unlikely() -> None:
    report = pair_report(textured(600, 450, seed=1), textured(600, 450, seed=2))
    assert not report.same_composition
    assert "different scenes" in report.reasons[0]


def test_pair_of_different_sizes_and_of_plain_pictures() -> None:
    assert pair_report(view(50, 50), view(50, 50)[::2, ::2]).same_composition
    plain = np.full((90, 120, 3), 128, np.uint8)
    assert not pair_report(plain, view(50, 50)).same_composition


def test_pair_report_is_the_same_every_time() -> None:
    assert pair_report(view(50, 50), view(90, 70)) == pair_report(view(50, 50), view(90, 70))


def test_inspect_gives_both_and_the_pair() -> None:
    found = inspect(encoded(view(50, 50)), encoded(view(90, 70)))
    assert found.last is not None
    assert found.pair is not None
    assert found.to_builtins()["pair"]["same_composition"] is True
    assert inspect(encoded(view(50, 50))).pair is None
