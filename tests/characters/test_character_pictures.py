"""Reference frames of pictures: the same gate and the same choice as a clip's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clips_made import Rgb, dark, frame, orange, smeared
from mutoscope import weights
from mutoscope.characters import frames
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
