"""What a file is, and what is said of files that are nothing, broken, or too much."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
import pyvips

from mutoscope.errors import BadImage, BadInput
from mutoscope.finish.probe import Bounds, Probe, probe


def film(
    path: Path, *, frames: int = 12, rotation: int = 0, codec: str = "libx264", sound: bool = False
) -> Path:
    """64×48 at 24 frames a second, each a little brighter."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        audio = container.add_stream("aac", rate=48000) if sound else None
        assert audio is None or isinstance(audio, av.AudioStream)
        for count in range(frames):
            grey = np.full((48, 64, 3), count * 10, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey)))
        container.mux(stream.encode())
        if audio is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            silence.sample_rate = 48000
            container.mux(audio.encode(silence))
            container.mux(audio.encode())
    return path


def test_a_film(tmp_path: Path) -> None:
    assert probe(film(tmp_path / "a.mp4")) == Probe("video", "video/mp4", 64, 48, 0.5, 24.0, 12)


def test_a_film_with_sound(tmp_path: Path) -> None:
    assert probe(film(tmp_path / "a.mp4", sound=True)).has_sound


@pytest.mark.parametrize("name", ["a.webm", "a.mkv", "a.avi", "a.mov"])
def test_other_containers(tmp_path: Path, name: str) -> None:
    seen = probe(film(tmp_path / name, codec="libvpx-vp9" if name == "a.webm" else "libx264"))
    assert (seen.kind, seen.width, seen.height, seen.frames) == ("video", 64, 48, 12)
    assert seen.seconds == pytest.approx(0.5, abs=0.05)
    assert seen.fps == pytest.approx(24)


@pytest.mark.parametrize(("rotation", "size"), [(90, (48, 64)), (180, (64, 48)), (-90, (48, 64))])
def test_a_film_that_is_turned_when_played(
    tmp_path: Path, rotation: int, size: tuple[int, int]
) -> None:
    seen = probe(film(tmp_path / "a.mp4", rotation=rotation))
    assert (seen.width, seen.height) == size


def test_a_picture_is_seen_upright(tmp_path: Path) -> None:
    picture = pyvips.Image.black(64, 48, bands=3).copy()
    picture.set_type(pyvips.GValue.gint_type, "orientation", 6)
    picture.write_to_file(str(tmp_path / "a.jpg"))
    seen = probe(tmp_path / "a.jpg")
    assert (seen.kind, seen.type, seen.width, seen.height) == ("image", "image/jpeg", 48, 64)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"hello, this is text", "no content that is known here"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "no content that is known here"),
        (b"%PDF-1.7\n", "the file is application/pdf; it must be a picture"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42", "damaged or cut short"),
        (b"\x1aE\xdf\xa3" + b"webm" + b"\x00" * 60, "damaged or cut short"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "damaged or cut short"),
    ],
)
def test_what_is_no_film_or_picture(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        probe(tmp_path / "x")
    assert "\n" not in caught.value.message


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        probe(tmp_path / "nothing")


def test_a_damaged_picture(tmp_path: Path) -> None:
    pyvips.Image.black(64, 48, bands=3).write_to_file(str(tmp_path / "a.png"))
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    with pytest.raises(BadImage, match="damaged or cut short"):
        probe(tmp_path / "b.png")


def test_a_film_cut_anywhere_is_refused_or_read_never_worse(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mp4").read_bytes()
    for length in range(8, len(whole), max(1, len(whole) // 60)):
        (tmp_path / "cut.mp4").write_bytes(whole[:length])
        with suppress(BadInput):
            probe(tmp_path / "cut.mp4")


def test_bytes_changed_anywhere_are_refused_or_read_never_worse(tmp_path: Path) -> None:
    whole = bytearray(film(tmp_path / "a.mp4").read_bytes())
    chance = np.random.default_rng(1)
    for _ in range(60):
        broken = bytearray(whole)
        for at in chance.integers(0, len(whole), 12):
            broken[at] = int(chance.integers(0, 256))
        (tmp_path / "broken.mp4").write_bytes(broken)
        with suppress(BadInput):
            probe(tmp_path / "broken.mp4")


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (Bounds(side=32), "64×48 pixels; it must be at most 32 a side"),
        (Bounds(frames=10), "12 frames; it must have at most 10"),
        (Bounds(seconds=0.4), r"0\.5 seconds; it must have at most 0\.4"),
        (Bounds(fps=20), "24 frames a second; it must have at most 20"),
    ],
)
def test_bounds(tmp_path: Path, bounds: Bounds, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        probe(film(tmp_path / "a.mp4"), bounds)


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        audio = container.add_stream("aac", rate=48000)
        assert isinstance(audio, av.AudioStream)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate = 48000
        container.mux(audio.encode(silence))
        container.mux(audio.encode())
    with pytest.raises(BadInput, match="sound alone"):
        probe(path)
