"""The owner's own music and voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sounds_heard import Held, both, noise, pcm, tone, wave, whole

from made_films import moved, pan, written
from mutoscope.errors import BadInput
from mutoscope.sound import fit
from mutoscope.sound.loudness import Meter
from mutoscope.sound.mix import Part, weighed
from mutoscope.sound.owner import taken, usable
from mutoscope.sound.span import RATE, Sound, Span

FILES = {
    "a.mp3": "libmp3lame", "a.m4a": "aac", "a.wav": "pcm_s16le", "a.flac": "flac", "a.ogg": "libopus",
    "a.aac": "aac", "a.aiff": "pcm_s16be",
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [*FILES][:2] + [pytest.param(one, marks=pytest.mark.slow) for one in [*FILES][2:]],
)
def test_any_usual_file_is_taken(name: str, tmp_path: Path) -> None:
    given = tone(440, 1)
    made = taken(wave(tmp_path / name, given, codec=FILES[name]), tmp_path / "a.f32", "music")
    assert abs(made.samples - RATE) < 3000  # what a codec puts before and after
    heard = made.render(RATE // 4, RATE // 4 * 3)[0]
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.fft.rfftfreq(len(heard), 1 / RATE)[np.argmax(spectrum)] == pytest.approx(440, abs=3)
    assert np.abs(heard).max() == pytest.approx(0.1, rel=0.1)


def test_the_sound_of_a_film_is_taken_and_its_rate_brought_to_ours(tmp_path: Path) -> None:
    film = written(tmp_path / "film.mp4", moved(24, pan), sound=True)  # 16 kHz
    made = taken(film, tmp_path / "a.f32", "music")
    assert abs(made.samples - RATE) < 6000


BROKEN = {
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "text": b"la la la" * 20,
    "nothing": b"",
    "half a header": b"RIFF\x10\0\0\0WAVEfmt ",
    "an ID3 tag alone": b"ID3\x04\0\0\0\0\0\x0a" + bytes(10),
    "a playlist": b"#EXTM3U\nfile:///etc/hostname\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_used_is_one_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(BROKEN[name])
    with pytest.raises(BadInput, match="the voice file cannot be used") as caught:
        taken(path, tmp_path / "a.f32", "voice")
    with pytest.raises(BadInput, match="the voice file cannot be used"):
        usable(path, "voice")
    assert caught.value.field == "voice"
    assert "\n" not in caught.value.message
    assert str(tmp_path) not in caught.value.message


def test_a_silent_film_has_no_sound_to_take(tmp_path: Path) -> None:
    film = written(tmp_path / "film.mp4", moved(4, pan))
    with pytest.raises(BadInput, match="there is no sound in it"):
        taken(film, tmp_path / "a.f32", "music")


def test_a_file_that_breaks_off_is_taken_as_far_as_it_goes(tmp_path: Path) -> None:
    path = wave(tmp_path / "a.flac", noise(2), codec="flac")
    path.write_bytes(path.read_bytes()[:120_000])
    made = taken(path, tmp_path / "a.f32", "music")
    assert 0.2 * RATE < made.samples < 2 * RATE


def levels(sound: Sound, step: int = RATE // 20) -> np.ndarray:
    cut = sound[:, : sound.shape[1] // step * step].reshape(2, -1, step)
    return np.asarray(np.sqrt((cut.astype(np.float64) ** 2).mean(axis=(0, 2))))


def test_short_music_is_repeated_and_long_music_cut_both_with_a_fade(tmp_path: Path) -> None:
    span = Span(9 * RATE)
    short, told = fit.music(pcm(noise(4), tmp_path / "a.f32"), span)
    assert "repeated" in told
    level = levels(whole(short, span.samples))
    assert level[5:-45].min() > 0.8 * np.median(level)  # no hole where it begins again
    assert level[-1] < 0.15 * np.median(level)
    long, told = fit.music(pcm(noise(12), tmp_path / "b.f32"), span)
    assert told == "cut to the film's length"
    assert levels(whole(long, span.samples))[-1] < 0.15 * np.median(level)


def test_music_under_a_loop_closes(tmp_path: Path) -> None:
    span = Span(5 * RATE, loop=True)
    for seconds in (3.0, 20.0):
        sound = both(np.sin(np.arange(int(seconds * RATE)) ** 1.2 / 500))
        source, told = fit.music(pcm(sound, tmp_path / f"{seconds}.f32"), span)
        assert "its end goes over into its beginning" in told
        about = source.render(span.samples - 500, span.samples + 500)
        assert np.array_equal(about[:, 500:], source.render(0, 500))
        steps = np.abs(np.diff(about, axis=1)).max(axis=0)
        assert steps[499] <= 1.5 * steps.max(initial=0, where=np.arange(999) != 499)


def test_a_voice_begins_with_the_film_and_what_does_not_fit_is_said(tmp_path: Path) -> None:
    span = Span(2 * RATE)
    source, told = fit.voice(pcm(noise(1), tmp_path / "a.f32"), span)
    assert told == ""
    heard = whole(source, span.samples)
    assert np.abs(heard[:, 2000 : RATE // 2]).max() > 0.1
    assert not heard[:, RATE + 10 :].any()
    source, told = fit.voice(pcm(noise(3), tmp_path / "b.f32"), span)
    assert told == "the film ends before it: 1 s of it are cut off"
    assert np.abs(whole(source, span.samples)[:, -50:]).max() < 0.01


def test_music_goes_down_under_the_voice_and_comes_back(tmp_path: Path) -> None:
    span = Span(8 * RATE)
    voice = np.zeros((2, 8 * RATE), np.float32)
    voice[:, 3 * RATE : 5 * RATE] = tone(300, 2, -10)
    music = tone(3000, 8, -15)
    both_heard = whole(
        weighed([Part(Held(music), "music"), Part(Held(voice), "voice")], span), span.samples
    )
    spectrum = [
        np.abs(np.fft.rfft(both_heard[0, int(at * RATE) : int((at + 0.5) * RATE)]))
        for at in (1.0, 3.5, 7.0)
    ]
    hertz = np.fft.rfftfreq(RATE // 2, 1 / RATE)
    before, under, after = (one[np.abs(hertz - 3000) < 20].max() for one in spectrum)
    assert 20 * np.log10(under / before) == pytest.approx(-10, abs=0.5)
    assert after == pytest.approx(before, rel=0.02)
    spoken = spectrum[1][np.abs(hertz - 300) < 20].max()
    assert 20 * np.log10(spoken / under) > 12  # every word is heard


def test_the_owner_s_level_is_that_many_decibels(tmp_path: Path) -> None:
    span = Span(4 * RATE)
    made = []
    for level in (0.0, -6.0):
        parts = [Part(Held(tone(300, 4)), "voice"), Part(Held(tone(3000, 4)), "music", level)]
        spectrum = np.abs(np.fft.rfft(whole(weighed(parts, span), span.samples)[0]))
        made.append(spectrum[3000 * 4])
    assert 20 * np.log10(made[1] / made[0]) == pytest.approx(-6, abs=0.1)


def test_ambience_lies_under_music(tmp_path: Path) -> None:
    span = Span(4 * RATE)
    parts = [Part(Held(tone(1000, 4)), "music"), Part(Held(noise(4)), "ambience")]
    mix = whole(weighed(parts, span), span.samples)
    alone = Meter()
    alone.hear(mix)
    assert alone.integrated() == pytest.approx(-23 + 0.5, abs=0.5)
    one = [Part(Held(noise(4)), "ambience")]
    assert weighed(one, span) is one[0].source  # alone, it is as it is
