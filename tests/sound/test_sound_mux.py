"""Sound beside pictures that do not change."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from sounds_heard import clicks, decoded, pcm, tone

from made_films import moved, pan, written
from mutoscope.errors import EngineFailed
from mutoscope.finish.formats import named
from mutoscope.finish.writers import writer
from mutoscope.shot import Size
from mutoscope.sound.mux import CODINGS, add_sound, carried, coding_for, has_sound, silenced
from mutoscope.sound.span import RATE

FRAMES, FPS = 37, 24
SAMPLES = round(FRAMES / FPS * RATE)
AT = [0.0, 0.5, 1.0, 1.4]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("film") / "film.mp4", moved(FRAMES, pan))


def packets(path: Path) -> list[tuple[Any, ...]]:
    """When each packet of the pictures is shown and decoded, and what is in it."""
    with av.open(str(path)) as container:
        return [
            (
                one.pts * one.time_base,
                one.dts * one.time_base,
                hashlib.sha256(bytes(one)).hexdigest(),
            )
            for one in container.demux(video=0)
            if one.size and one.pts is not None and one.dts is not None
        ]


def test_the_pictures_stay_packet_for_packet_what_they_are(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    add_sound(film, pcm(tone(440, SAMPLES / RATE), tmp_path / "a.f32"), out)
    assert packets(out) == packets(film)
    with av.open(str(out)) as container:
        shown, heard = container.streams.video[0], container.streams.audio[0]
        assert shown.frames == FRAMES
        assert shown.start_time == heard.start_time == 0
        assert (heard.codec_context.name, heard.rate, heard.layout.name) == ("aac", RATE, "stereo")
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # a browser begins before it has all


@pytest.mark.parametrize(
    "suffix", [".mp4", *(pytest.param(one, marks=pytest.mark.slow) for one in (".mov", ".mkv"))]
)
def test_sound_begins_with_the_first_frame_and_ends_with_the_last(
    film: Path, suffix: str, tmp_path: Path
) -> None:
    given = clicks(AT, SAMPLES / RATE)[:, :SAMPLES]
    out = tmp_path / f"out{suffix}"
    add_sound(film, pcm(given, tmp_path / "a.f32"), out)
    heard = decoded(out)
    assert abs(heard.shape[1] - SAMPLES) <= 1024  # a frame of AAC
    length = min(heard.shape[1], given.shape[1])
    late = np.correlate(heard[0, :length], given[0, 500 : length - 500], "valid")
    assert int(np.argmax(late)) == 500  # to the sample


@pytest.mark.slow
def test_sound_goes_into_webm_as_opus(tmp_path: Path) -> None:
    film = tmp_path / "film.webm"
    with writer(film, Size(64, 36), FPS, named("vp9")) as made:
        from mutoscope.finish.frame import rgb_frame

        for picture in moved(4, pan, (64, 36)):
            made.write(rgb_frame(picture))
    given = tone(440, 4 / 24)
    add_sound(film, pcm(given, tmp_path / "a.f32"), film)
    with av.open(str(film)) as container:
        assert container.streams.audio[0].codec_context.name == "opus"
        assert container.streams.video[0].codec_context.name == "vp9"
    assert abs(decoded(film).shape[1] - given.shape[1]) <= 960


@pytest.mark.parametrize(
    ("format", "suffix", "codec"),
    [("prores", ".mov", "pcm_s24le"), ("ffv1", ".mkv", "flac"), ("h264", ".mp4", "aac")],
)
def test_where_pictures_are_kept_without_loss_so_is_sound(
    format: str, suffix: str, codec: str
) -> None:
    coding = coding_for(suffix, format)
    assert coding is not None
    assert coding.codec == codec


def test_uncoded_sound_is_what_was_made(film: Path, tmp_path: Path) -> None:
    given = tone(440, SAMPLES / RATE)[:, :SAMPLES]
    out = tmp_path / "out.mov"
    add_sound(film, pcm(given, tmp_path / "a.f32"), out, coding=coding_for(".mov", "prores"))
    heard = decoded(out)
    assert heard.shape == given.shape
    assert np.abs(heard - given).max() < 2**-22


def test_files_that_hold_no_sound_are_named(film: Path, tmp_path: Path) -> None:
    assert coding_for(".gif") is None
    assert coding_for("") is None
    with pytest.raises(EngineFailed, match=r"\.mp4"):
        add_sound(film, pcm(tone(440, 1), tmp_path / "a.f32"), tmp_path / "out.gif")
    assert not (tmp_path / "out.gif").exists()


def test_a_new_sound_takes_the_old_one_s_place(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    add_sound(film, pcm(tone(440, 1.5), tmp_path / "a.f32"), out)
    add_sound(out, pcm(tone(880, 1.5), tmp_path / "b.f32"), out)
    with av.open(str(out)) as container:
        assert len(container.streams.audio) == 1
    heard = decoded(out)[0]
    hertz = np.fft.rfftfreq(len(heard), 1 / RATE)[np.argmax(np.abs(np.fft.rfft(heard)))]
    assert hertz == pytest.approx(880, abs=2)


def test_sound_is_taken_out_and_the_pictures_stay(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    add_sound(film, pcm(tone(440, 1.5), tmp_path / "a.f32"), out)
    assert has_sound(out)
    silenced(out)
    assert not has_sound(out)
    assert packets(out) == packets(film)


def test_a_film_written_in_another_format_keeps_its_sound(film: Path, tmp_path: Path) -> None:
    with_tone = tmp_path / "a.mp4"
    add_sound(film, pcm(tone(440, 1.5), tmp_path / "a.f32"), with_tone)
    other = written(tmp_path / "b.mp4", moved(FRAMES, pan))
    carried(with_tone, other)
    assert np.abs(decoded(other)[0, RATE // 2 : RATE]).max() == pytest.approx(0.1, abs=0.02)
    carried(film, other)  # a silent film has none to carry
    assert set(CODINGS) == {".mp4", ".m4v", ".mov", ".webm", ".mkv"}
