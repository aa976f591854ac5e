"""The MP4: exact in size, count and time, tagged, whole or not there."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.errors import BadShot, CannotWrite, EngineFailed
from mutoscope.finish.encode import Mp4Writer, pipe, rgb_frame
from mutoscope.finish.rate import exact
from mutoscope.shot import Size


def picture(number: int, width: int = 96, height: int = 64) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    waves = 120 + 100 * np.sin((x + 3 * number) / 7)[..., None] * np.cos(
        y / np.array([5, 8, 11])[:, None, None]
    ).transpose(1, 2, 0)
    shown: npt.NDArray[np.uint8] = waves.astype(np.uint8)
    return shown


def film(path: Path, frames: int = 30, fps: float = 24, **more: Any) -> Path:
    with Mp4Writer(path, Size(96, 64), fps, **more) as writer:
        assert pipe((picture(n) for n in range(frames)), writer) == frames
    return path


@pytest.mark.parametrize(
    ("fps", "rate"),
    [(24, Fraction(24)), (23.976, Fraction(24000, 1001)), (29.97, Fraction(30000, 1001)), (12.5, Fraction(25, 2))],
)  # fmt: skip
def test_size_count_and_time_are_exact(tmp_path: Path, fps: float, rate: Fraction) -> None:
    with av.open(str(film(tmp_path / "a.mp4", 30, fps))) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (stream.width, stream.height, stream.frames) == (96, 64, 30)
        assert stream.average_rate == rate
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == 30 / rate
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        assert tags == (1, 1, 1, 1)  # BT.709 three times, limited range
        times = [
            Fraction(frame.pts or 0) * (frame.time_base or 0) for frame in container.decode(video=0)
        ]
    assert times == [number / rate for number in range(30)]


def test_pixels_come_back(tmp_path: Path) -> None:
    with av.open(str(film(tmp_path / "a.mp4", 5, crf=8))) as container:
        for number, frame in enumerate(container.decode(video=0)):
            off = frame.to_ndarray(format="rgb24").astype(int) - picture(number)
            assert np.abs(off).mean() < 6  # fine colour is halved
            assert np.abs(off.mean()) < 1.5


def test_the_index_stands_in_front(tmp_path: Path) -> None:
    data = film(tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_keyframes_every_two_seconds_at_most(tmp_path: Path) -> None:
    with av.open(str(film(tmp_path / "a.mp4", 120, 24))) as container:
        keys = [n for n, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    assert keys[0] == 0
    assert np.diff([*keys, 120]).max() <= 48


def test_same_frames_same_bytes(tmp_path: Path) -> None:
    one, two = film(tmp_path / "a.mp4"), film(tmp_path / "b.mp4")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_when_it_is_broken_off(tmp_path: Path, error: type[BaseException]) -> None:
    def frames() -> Iterator[npt.NDArray[np.uint8]]:
        yield picture(0)
        raise error

    (tmp_path / "a.mp4").write_bytes(b"an earlier film")
    with pytest.raises(error), Mp4Writer(tmp_path / "a.mp4", Size(96, 64), 24) as writer:
        pipe(frames(), writer)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"an earlier film"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="cannot be written: No such file or directory"):
        film(tmp_path / "none" / "a.mp4")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CannotWrite, match="is a folder"):
        film(tmp_path / "folder")


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[2])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import test_encode as t, pathlib, mutoscope.errors as e\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "try: t.film(pathlib.Path(sys.argv[1]), 60)\n"
        "except e.CannotWrite as error: print('refused:', error)\n"
    )
    assert resource.RLIMIT_FSIZE
    place = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.mp4"), str(place)],
        capture_output=True, text=True, env=dict(os.environ, NUMBA_DISABLE_CACHING="1"),
    )  # fmt: skip
    assert "refused: " in done.stdout, done.stderr[-800:]
    assert "File too large" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_wrong_sizes_and_rates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadShot, match="even"):
        Mp4Writer(tmp_path / "a.mp4", Size(95, 64), 24)
    with pytest.raises(BadShot, match="fps"):
        Mp4Writer(tmp_path / "a.mp4", Size(96, 64), float("nan"))
    with (
        pytest.raises(BadShot, match="96x64"),
        Mp4Writer(tmp_path / "a.mp4", Size(96, 64), 24) as one,
    ):
        one.write(rgb_frame(picture(0, 98)))
    with (
        pytest.raises(EngineFailed, match="no frames"),
        Mp4Writer(tmp_path / "a.mp4", Size(96, 64), 24),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_rates() -> None:
    assert exact(59.94) == Fraction(60000, 1001)
    assert exact(25) == 25
    assert exact(Fraction(24000, 1001)) == Fraction(24000, 1001)
