"""Reading a clip: the best of each stretch, upright, within bounds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from clips_made import HEIGHT, WIDTH, dark, frame, smeared, turned, written
from mutoscope.characters import clip
from mutoscope.characters.clip import best_of_each_stretch, shrunk
from mutoscope.errors import BadInput, Cancelled


def read(path: Path) -> list[clip.Seen]:
    return best_of_each_stretch(path, lambda stage, done: None, lambda: False)


def test_the_clearest_of_each_stretch_is_kept(tmp_path: Path) -> None:
    # two frames a stretch of a twelfth second: one of each pair is smeared
    frames = [frame(100 + n) if n % 2 else smeared(frame(100 + n)) for n in range(24)]
    seen = read(written(tmp_path / "clip.mp4", frames, rate=24))
    assert len(seen) == 12
    assert [round(one.at * 24) % 2 for one in seen] == [1] * 12
    assert seen[0].rgb.shape == (HEIGHT, WIDTH, 3)


def test_stretches_join_where_a_clip_is_long(tmp_path: Path) -> None:
    seen = read(written(tmp_path / "clip.mp4", (frame(60 + n) for n in range(120)), rate=12))
    assert len(seen) <= clip.STRETCHES
    assert seen[0].at < 0.7
    assert seen[-1].at > 9.0
    assert [one.at for one in seen] == sorted(one.at for one in seen)


def test_a_dark_frame_is_less_clear(tmp_path: Path) -> None:
    frames = [frame(), dark(frame())]
    seen = read(written(tmp_path / "clip.mp4", frames, rate=2))
    assert seen[1].clear < 0.2 * seen[0].clear


@pytest.mark.parametrize(
    ("name", "form", "codec"),
    [("a.mov", "mov", "libx264"), ("a.mkv", "matroska", "libx264"), ("a.avi", "avi", "mpeg4")],
)
def test_containers(tmp_path: Path, name: str, form: str, codec: str) -> None:
    path = written(tmp_path / name, [frame()] * 6, form=form, codec=codec)
    assert read(path)[0].rgb.shape == (HEIGHT, WIDTH, 3)


def test_colours_are_the_pictures_own(tmp_path: Path) -> None:
    (seen,) = read(written(tmp_path / "clip.mp4", [frame()], rate=1))
    middle = seen.rgb[118:142, 165:185].reshape(-1, 3)
    assert np.abs(np.median(middle, 0) - (230, 120, 30)).max() < 25


def test_a_turned_clip_is_seen_upright(tmp_path: Path) -> None:
    lying = [np.ascontiguousarray(np.rot90(frame(90), -1)) for _ in range(3)]
    path = turned(written(tmp_path / "clip.mp4", lying))
    rgb = read(path)[0].rgb
    assert rgb.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(rgb.astype(int) - frame(90).astype(int)).mean() < 12


@pytest.mark.parametrize(("aspect", "size"), [(2, (HEIGHT, 2 * WIDTH)), (0.5, (2 * HEIGHT, WIDTH))])
def test_pixels_become_square(tmp_path: Path, aspect: float, size: tuple[int, int]) -> None:
    path = written(tmp_path / "a.mp4", [frame()] * 2, aspect=Fraction(aspect))
    assert read(path)[0].rgb.shape[:2] == size


def test_a_long_clip_is_read_by_its_key_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "clip.mp4", [frame(60 + n) for n in range(60)], rate=30)
    monkeypatch.setattr(clip, "MOST_DECODED", WIDTH * HEIGHT * 10)
    seen = read(path)
    assert 1 <= len(seen) < 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no format that is known"),
        (b"\xff\xd8\xff" + b"x" * 50, "image/jpeg"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "no format that is known"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"x" * 500, "cannot be read"),
    ],
)
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=words) as caught:
        read(path)
    assert caught.value.code == "invalid_video"
    assert "\n" not in caught.value.message


def test_a_film_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mkv", (frame(60 + n) for n in range(48)), form="matroska")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert read(path)


def test_cancel(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mp4", [frame()] * 3)
    with pytest.raises(Cancelled):
        best_of_each_stretch(path, lambda stage, done: None, lambda: True)


def test_shrunk() -> None:
    assert shrunk(np.zeros((50, 100, 3), np.uint8), 40).shape == (20, 40, 3)
    assert shrunk(np.zeros((50, 100, 3), np.uint8), 400).shape == (50, 100, 3)
