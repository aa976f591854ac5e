"""Reference frames of pictures: the same gate and the same choice as a clip's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from clips_made import Rgb, dark, frame, orange, smeared
from mutoscope import weights
from mutoscope.characters import frames
from mutoscope.characters import pictures as still
from mutoscope.characters.frames import of_pictures
from mutoscope.characters.work import ReferenceFrame
from mutoscope.errors import BadImage, BadInput, Cancelled
from mutoscope.images.faces import Face
from mutoscope.images.plan import Box

Made = tuple[tuple[ReferenceFrame, ...], tuple[tuple[int, str], ...]]


@pytest.fixture(autouse=True)
def by_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "find_subject", orange)
    monkeypatch.setattr(weights, "find", lambda name: Path("matte") if name == "matte" else None)


def made(folder: Path, *pictures: Rgb) -> Made:
    paths = []
    for number, rgb in enumerate(pictures):
        Image.fromarray(rgb).save(folder / f"{number}.png")
        paths.append(folder / f"{number}.png")
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return of_pictures(paths, out, lambda stage, done: None, lambda: False)


def test_one_picture_is_enough(tmp_path: Path) -> None:
    (one,), left_out = made(tmp_path, frame(150))
    assert left_out == ()
    assert (one.at, one.cut, one.faces) == (0.0, (), None)
    with Image.open(one.cutout) as cutout:
        assert (cutout.mode, cutout.size) == ("RGBA", (320, 240))
        assert 0.05 < (np.asarray(cutout)[..., 3] > 127).mean() < 0.3


def test_each_that_gives_none_is_told_with_its_reason(tmp_path: Path) -> None:
    views = (frame(150), frame(-900), frame(150, wide=0.8), smeared(frame(120)), dark(frame(150)))
    found, left_out = made(tmp_path, *views)
    assert sorted(one.at for one in found) == [0, 2]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    said = dict(left_out)
    assert sorted(said) == [1, 3, 4]
    assert "stands out" in said[1]
    assert "sharp" in said[3]


def test_the_same_picture_again_is_left_out(tmp_path: Path) -> None:
    same = [frame(150)] * 4
    found, left_out = made(tmp_path, *same, frame(150, wide=0.9), frame(150, wide=0.3))
    assert {4.0, 5.0} <= {one.at for one in found}
    assert all("another" in why for _, why in left_out)
    assert len(found) + len(left_out) == 6


def test_nobody_in_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no character can be made from these pictures") as caught:
        made(tmp_path, frame(-900), frame(-900))
    assert (caught.value.code, caught.value.field) == ("no_character", "pictures")


def test_a_broken_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    with pytest.raises(BadImage, match=r"pictures\[0\]"):
        of_pictures([tmp_path / "x.png"], tmp_path, lambda stage, done: None, lambda: False)


def test_cancelled(tmp_path: Path) -> None:
    Image.fromarray(frame()).save(tmp_path / "a.png")
    with pytest.raises(Cancelled):
        of_pictures([tmp_path / "a.png"], tmp_path, lambda stage, done: None, lambda: True)


def test_faces_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    face = Face(Box(0.4, 0.4, 0.6, 0.6), 0.9)
    monkeypatch.setattr(frames, "find_faces", lambda rgb: (face, face))
    (one,), _ = made(tmp_path, frame(150))
    assert one.faces == 2


def cutout(path: Path, *, trimmed: bool = True, soft: bool = False) -> Path:
    """A figure of head and body, orange, that ends on the picture's edges where it is trimmed."""
    alpha = np.zeros((240, 200), np.uint8)
    cv2.circle(alpha, (100, 50), 50, 255, -1)
    cv2.rectangle(alpha, (40, 120), (160, 239), 255, -1)
    cv2.rectangle(alpha, (85, 95), (115, 125), 255, -1)
    alpha = alpha[:, 40:161]
    if not trimmed:
        alpha = np.pad(alpha, 60)
    if soft:
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 2), np.uint8)
    colour = np.full((*alpha.shape, 3), (230, 120, 30), np.uint8)
    colour[::6] = (120, 60, 10)
    Image.fromarray(np.dstack([colour, alpha])).save(path)
    return path


@pytest.fixture
def no_matte(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: object, **more: object) -> None:
        raise AssertionError("a cut-out was cut out anew")

    monkeypatch.setattr(frames, "find_subject", never)
    monkeypatch.setattr(weights, "find", lambda name: None)


def prepared(folder: Path, path: Path) -> ReferenceFrame:
    (one,), left_out = of_pictures([path], folder, lambda stage, done: None, lambda: False)
    assert left_out == ()
    return one


@pytest.mark.usefixtures("no_matte")
def test_a_cutout_keeps_its_own_outline_and_colours(tmp_path: Path) -> None:
    path = cutout(tmp_path / "a.png", trimmed=False, soft=True)
    one = prepared(tmp_path, path)
    with Image.open(one.cutout) as kept, Image.open(path) as sent:
        made, own = np.asarray(kept).astype(int), np.asarray(sent).astype(int)
    assert np.abs(made[..., 3] - own[..., 3]).max() <= 1
    solid = own[..., 3] > 200
    assert np.abs(made - own)[solid].max() <= 3
    assert one.cut == ()


@pytest.mark.usefixtures("no_matte")
def test_a_trimmed_cutout_is_whole(tmp_path: Path) -> None:
    one = prepared(tmp_path, cutout(tmp_path / "a.png"))
    assert (one.cut, one.whole) == ((), 1.0)
    with Image.open(one.cutout) as kept, Image.open(one.picture) as picture:
        assert kept.size == picture.size == (121 + 2 * 14, 240 + 2 * 14)
        assert picture.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.usefixtures("no_matte")
def test_a_portrait_that_ends_in_a_line_ends_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = Face(Box(0.3, 0.05, 0.7, 0.35), 0.9)
    monkeypatch.setattr(still, "find_faces", lambda rgb: (face,))
    assert prepared(tmp_path, cutout(tmp_path / "a.png")).cut == ("bottom",)


def test_a_photograph_with_an_alpha_channel_is_cut_out(tmp_path: Path) -> None:
    opaque = np.full((240, 320, 1), 255, np.uint8)
    Image.fromarray(np.dstack([frame(150), opaque])).save(tmp_path / "a.png")
    assert 0.02 < prepared(tmp_path, tmp_path / "a.png").box[0] < 0.5
