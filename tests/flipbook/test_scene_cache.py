"""The cache of scenes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from mutoscope.engines.flipbook.scene import Scene, Subject
from mutoscope.engines.flipbook.taking import cache
from mutoscope.images.plan import plan
from mutoscope.shot import Fit, Size


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path))
    return tmp_path / "scenes"


def made(layered: bool = True) -> Scene:
    rng = np.random.default_rng(3)
    grid = rng.random((13, 19)).astype(np.float32)
    subject = Subject(
        x=-4,
        y=8,
        colour=rng.integers(0, 256, (22, 30, 3)).astype(np.uint8),
        alpha=rng.integers(0, 256, (22, 30)).astype(np.uint8),
        disparity=grid[:4, :5].copy(),
    )
    return Scene(
        width=112,
        height=64,
        margin_x=16,
        margin_y=16,
        plate=rng.integers(0, 256, (96, 144, 3)).astype(np.uint8),
        plate_disparity=grid,
        still=rng.integers(0, 256, (64, 112, 3)).astype(np.uint8),
        subject=subject if layered else None,
        hfov=48.5,
        pivot=0.7,
        notes=("depth guessed", "§"),
    )


@pytest.mark.parametrize("layered", [True, False])
def test_a_scene_comes_back_as_it_was(place: Path, layered: bool) -> None:
    scene = made(layered)
    cache.store("k", scene)
    back = cache.load("k")
    assert back is not None
    for name in ("width", "height", "margin_x", "margin_y", "hfov", "pivot", "notes"):
        assert getattr(back, name) == getattr(scene, name)
    for name in ("plate", "plate_disparity", "still"):
        np.testing.assert_array_equal(getattr(back, name), getattr(scene, name))
        assert getattr(back, name).flags.c_contiguous
    if scene.subject is None:
        assert back.subject is None
    else:
        assert back.subject is not None
        assert (back.subject.x, back.subject.y) == (-4, 8)
        for name in ("colour", "alpha", "disparity"):
            np.testing.assert_array_equal(getattr(back.subject, name), getattr(scene.subject, name))
    assert [path.name for path in place.iterdir()] == ["k.scene"]


@pytest.mark.parametrize("damage", ["empty", "cut", "foreign", "head", "body"])
def test_a_damaged_file_is_a_miss(place: Path, damage: str) -> None:
    cache.store("k", made())
    path = place / "k.scene"
    raw = bytearray(path.read_bytes())
    if damage == "head":
        raw[30:40] = b"\x00" * 10
    elif damage == "body":
        raw[-60000:-40000] = bytes(20000)
    whole = bytes(raw)
    path.write_bytes(
        {"empty": b"", "cut": whole[:-5000], "foreign": b"x" * 9000}.get(damage, whole)
    )
    assert cache.load("k") is None
    cache.store("k", made())
    assert cache.load("k") is not None


def test_off_and_unwritable_are_no_errors(
    place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path / "file"))
    cache.store("k", made())
    assert cache.load("k") is None
    monkeypatch.setenv("MUTOSCOPE_CACHE", "off")
    cache.store("k", made())
    assert cache.load("k") is None
    assert cache.folder() is None


def test_the_longest_unused_goes_first(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store("a", made())
    size = (place / "a.scene").stat().st_size
    monkeypatch.setattr(cache, "MOST_BYTES", int(size * 2.5))
    cache.store("b", made())
    os.utime(place / "a.scene", (1000, 1000))
    os.utime(place / "b.scene", (2000, 2000))
    assert cache.load("a") is not None  # now the most recently used
    cache.store("c", made())
    assert sorted(path.stem for path in place.iterdir()) == ["a", "c"]


def test_the_key_tells_everything_apart(place: Path) -> None:
    one = plan(Size(400, 300), Size(320, 180), Fit.COVER)
    other = plan(Size(400, 300), Size(320, 180), Fit.STRETCH)
    keys = {
        cache.key("a", one, "standard", None),
        cache.key("b", one, "standard", None),
        cache.key("a", other, "standard", None),
        cache.key("a", one, "draft", None),
        cache.key("a", one, "standard", 35.0),
    }
    assert len(keys) == 5
    assert cache.key("a", one, "standard", None) in keys
