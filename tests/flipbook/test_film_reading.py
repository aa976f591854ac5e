from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from made_films import moved, pan, still, written
from mutoscope.engines.flipbook.footage.reading import backwards, frames, picked, rgb_of, tail
from mutoscope.engines.flipbook.footage.source import look, paced
from mutoscope.errors import BadInput, Cancelled
from mutoscope.shot import Size


def test_a_plain_film_is_what_its_header_says(tmp_path: Path) -> None:
    source = look(written(tmp_path / "film.mp4", moved(20, pan)))
    assert (source.size, source.rate, source.frames) == (Size(192, 108), Fraction(24), 20)
    assert source.even
    assert not source.turned
    assert source.sound == ""


def test_frames_come_back_as_they_were(tmp_path: Path) -> None:
    made = moved(14, pan)
    source = look(written(tmp_path / "film.mp4", made))
    back = [rgb_of(frame) for frame in frames(source)]
    assert len(back) == 14
    for one, other in zip(made, back, strict=True):
        assert np.abs(one.astype(int) - other).mean() < 6  # chroma at half the size, and H.264


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "name"),
    [
        ("libx264", "yuv444p", "film.mp4"),
        ("libx264", "yuv420p10le", "film.mov"),
        ("libx264", "yuvj420p", "film.mp4"),
        ("mpeg4", "yuv420p", "film.mp4"),
        ("libvpx", "yuv420p", "film.webm"),
    ],
)
def test_other_makers_films_keep_their_colours(
    tmp_path: Path, codec: str, pix_fmt: str, name: str
) -> None:
    made = moved(6, still)
    source = look(written(tmp_path / name, made, codec=codec, pix_fmt=pix_fmt))
    back = list(frames(source))
    assert {frame.format.name for frame in back} == {"yuv420p"}
    off = rgb_of(back[2]).astype(int).mean(axis=(0, 1)) - made[2].mean(axis=(0, 1))
    assert np.abs(off).max() < 3


@pytest.mark.parametrize(("turned", "clockwise"), [(90, 270), (180, 180), (270, 90)])
def test_a_turned_film_stands_upright(tmp_path: Path, turned: int, clockwise: int) -> None:
    made = moved(4, still)
    source = look(written(tmp_path / "film.mp4", made, turned=turned))
    assert source.turned == clockwise
    assert source.size == (Size(192, 108) if turned == 180 else Size(108, 192))
    shown = rgb_of(next(frames(source)))
    wanted = np.rot90(made[0], turned // 90)
    assert shown.shape == wanted.shape
    assert np.abs(shown.astype(int) - wanted).mean() < 6


def test_odd_sides_lose_their_last_line(tmp_path: Path) -> None:
    made = [frame[:107, :191] for frame in moved(4, still)]
    source = look(written(tmp_path / "film.mp4", made, pix_fmt="yuv444p"))
    assert source.size == Size(190, 106) or source.size == Size(192, 108)
    frame = next(frames(source))
    assert Size(frame.width, frame.height) == source.size


def test_uneven_frames_become_even(tmp_path: Path) -> None:
    times = [0, 1 / 30, 2 / 30, 10 / 30, 11 / 30, 12 / 30, 13 / 30, 20 / 30]
    made = moved(8, lambda number: (8.0 * number - 30, 0.0, 1.0))
    source = look(written(tmp_path / "film.mp4", made, fps=30, times=times))
    assert not source.even
    assert (source.rate, source.frames) == (Fraction(30), 21)
    back = [rgb_of(frame) for frame in frames(source)]
    assert len(back) == 21
    held = [np.abs(back[number].astype(int) - made[2]).mean() for number in range(2, 10)]
    assert max(held) < 6  # the third frame is held until the fourth is due


def test_backwards_is_the_same_frames_the_last_first(tmp_path: Path) -> None:
    source = look(written(tmp_path / "film.mp4", moved(30, pan), gop=12))
    onward = [rgb_of(frame) for frame in frames(source)]
    back = [rgb_of(frame) for frame in backwards(source)]
    assert len(back) == 30
    assert all(np.array_equal(one, other) for one, other in zip(onward, back[::-1], strict=True))


def test_backwards_holds_a_stretch_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mutoscope.engines.flipbook.footage import reading

    monkeypatch.setattr(reading, "HELD", 0)  # eight frames, the least
    source = look(written(tmp_path / "film.mp4", moved(30, pan), gop=12))
    onward = [rgb_of(frame) for frame in frames(source)]
    back = [rgb_of(frame) for frame in backwards(source)]
    assert all(np.array_equal(one, other) for one, other in zip(onward, back[::-1], strict=True))


def test_the_tail_and_picked_frames(tmp_path: Path) -> None:
    source = look(written(tmp_path / "film.mp4", moved(20, pan)))
    onward = [rgb_of(frame) for frame in frames(source)]
    end = [rgb_of(frame) for frame in tail(source, 5)]
    assert len(end) == 5
    assert all(np.array_equal(a, b) for a, b in zip(end, onward[-5:], strict=True))
    chosen = {number: rgb_of(frame) for number, frame in picked(source, [3, 11])}
    assert set(chosen) == {3, 11}
    assert np.array_equal(chosen[11], onward[11])


def test_reading_stops_when_asked(tmp_path: Path) -> None:
    source = look(written(tmp_path / "film.mp4", moved(10, pan)))
    with pytest.raises(Cancelled):
        list(frames(source, lambda: True))


@pytest.mark.parametrize("content", [b"", b"not a film at all", b"\x00\x00\x00\x18ftypmp42" * 9])
def test_what_is_no_film_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="source film cannot be read") as caught:
        look(path)
    assert caught.value.code == "invalid_video"
    assert str(tmp_path) not in caught.value.message


def test_a_film_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = written(tmp_path / "film.mkv", moved(40, pan), gop=8)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    source = look(broken)
    assert 8 < len(list(frames(source))) < 40


def test_a_picture_is_no_film(tmp_path: Path) -> None:
    import cv2

    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), moved(1, still)[0])
    with pytest.raises(BadInput, match="is a picture"):
        look(path)


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    import av

    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        block = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        block.sample_rate = 16000
        for packet in (*stream.encode(block), *stream.encode(None)):
            container.mux(packet)
    with pytest.raises(BadInput, match="no picture"):
        look(path)


@pytest.mark.parametrize(
    ("times", "average", "rate", "even"),
    [
        (np.arange(30) / 25, Fraction(25), Fraction(25), True),
        (np.arange(30) / 29.97, Fraction(30000, 1001), Fraction(30000, 1001), True),
        (np.array([0.0]), Fraction(24), Fraction(24), True),
        (np.cumsum([0, 0.033, 0.033, 0.4, 0.033, 0.033]), None, Fraction(30), False),
    ],
)
def test_paced(times: np.ndarray, average: Fraction | None, rate: Fraction, even: bool) -> None:
    assert paced(times, average) == (rate, even)
