"""Any film is read, upright and within bounds; what is none is refused in one sentence."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from filmed import film, photograph, textured, under_a_camera

from mutoscope.errors import BadInput
from mutoscope.quality.reel import HELD, SIDES, reel


def test_frames_times_and_colours(tmp_path: Path) -> None:
    frames = under_a_camera(photograph("coffee", 420), (256, 144), 7, pan=0.05)
    read = reel(film(tmp_path / "film.mp4", frames, Fraction(24000, 1001)))
    assert read.frames.shape == frames.shape
    assert read.fps == pytest.approx(23.976, abs=1e-3)
    assert read.times == pytest.approx(np.arange(7) * 1001 / 24000, abs=1e-3)
    assert np.abs(read.frames.astype(int) - frames).mean() < 4
    assert np.array_equal(read.first, read.frames[0])
    assert np.array_equal(read.last, read.frames[-1])
    assert read.whole
    assert not read.has_sound


def test_a_large_film_is_held_small(tmp_path: Path) -> None:
    frames = under_a_camera(photograph("coffee", 1400), (1280, 720), 2, pan=0.02)
    read = reel(film(tmp_path / "film.mp4", frames))
    assert read.frames.shape == (2, 360, SIDES[0], 3)
    assert read.first.shape == (720, 1280, 3)


def test_a_long_film_is_read_smaller_and_then_shorter(tmp_path: Path) -> None:
    frames = under_a_camera(photograph("coffee", 420), (256, 144), 60)
    path = film(tmp_path / "film.mp4", frames)
    smaller = reel(path, held=160 * 90 * 3 * 64)
    assert smaller.frames.shape == (60, 90, 160, 3)
    assert smaller.whole
    shorter = reel(path, held=160 * 90 * 3 * 20)
    assert shorter.frames.shape == (20, 90, 160, 3)
    assert not shorter.whole
    assert max(one.frames.nbytes for one in (smaller, shorter)) <= HELD


def test_an_upright_film_of_odd_rate_and_size(tmp_path: Path) -> None:
    frames = under_a_camera(photograph("rocket", 420), (146, 258), 5, tilt=0.05)
    read = reel(film(tmp_path / "film.mp4", frames, Fraction(17, 2)))
    assert read.frames.shape == (5, 258, 146, 3)
    assert read.fps == pytest.approx(8.5)


def test_a_film_that_a_phone_turned(tmp_path: Path) -> None:
    frames = under_a_camera(photograph("coffee", 420), (256, 144), 3)
    flat = film(tmp_path / "flat.mp4", frames)
    turned = tmp_path / "turned.mp4"
    with av.open(str(flat)) as source, av.open(str(turned), "w") as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    data = turned.read_bytes()
    # the track's matrix: the identity becomes a quarter turn
    one, none = (1 << 16).to_bytes(4, "big"), bytes(4)
    plain = one + none * 3 + one + none * 3 + (1 << 30).to_bytes(4, "big")
    quarter = none + one + none + (0xFFFF0000).to_bytes(4, "big") + none * 4 + (1 << 30).to_bytes(4, "big")  # fmt: skip
    place = data.index(plain, data.index(b"tkhd"))
    turned.write_bytes(data[:place] + quarter + data[place + len(plain) :])
    read = reel(turned)
    assert read.frames.shape == (3, 256, 144, 3)
    assert read.first.shape == (256, 144, 3)
    upright = np.rot90(frames[0], -1)
    assert np.abs(read.first.astype(int) - upright).mean() < 4


def test_one_frame(tmp_path: Path) -> None:
    read = reel(film(tmp_path / "film.mp4", photograph("coffee", 160)[None, :106]))
    assert len(read.frames) == 1
    assert np.array_equal(read.first, read.last)


def test_a_film_that_breaks_off_is_read_to_there(tmp_path: Path) -> None:
    frames = under_a_camera(textured(420, 240), (256, 144), 40, pan=0.3)
    whole = film(tmp_path / "film.mp4", frames)
    data = whole.read_bytes()
    start = data.index(b"mdat")
    middle = start + 4000
    spoilt = bytearray(data)
    spoilt[middle : middle + 3000] = bytes(3000)
    whole.write_bytes(spoilt)
    assert 1 <= len(reel(whole).frames) <= 40


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nothing.mp4", b"", "is empty"),
        ("words.mp4", b"these are words\n" * 40, "must be a picture"),
        ("cut.mp4", None, "damaged or cut short"),
    ],
)
def test_what_is_no_film_is_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is None:
        whole = film(tmp_path / "whole.mp4", photograph("coffee", 160)[None, :106])
        content = whole.read_bytes()[:700]
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        reel(path)
    assert "\n" not in caught.value.message


def test_a_picture_is_named_as_one() -> None:
    with pytest.raises(BadInput, match=r"coffee\.jpg is a picture"):
        reel(Path(__file__).parents[2] / "examples" / "coffee.jpg")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone\.mp4"):
        reel(tmp_path / "gone.mp4")
