"""A model's own sound comes under the finished film as loud as the house's; silent models get the house's."""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from engines.diffusion.shot_stage import (
    Numbers,
    checkpoint,
    clip,
    media,
    order,
    picture,
    played,
)
from mutoscope.engines.diffusion.shot.sound import resampled
from mutoscope.shot import Delivery, Kind, Role, Track

FIRST = Role.FIRST_FRAME
HEARD = checkpoint("first", "lead", sound=True, lead_frames=5, longest=60)
SILENT = checkpoint("first", longest=60)


def heard(path: Path) -> npt.NDArray[np.float32]:
    """The film's sound, 2×samples; empty where it has none."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return np.zeros((2, 0), np.float32)
        assert container.streams.audio[0].rate == 48_000
        return np.concatenate([one.to_ndarray() for one in container.decode(audio=0)], axis=1)


def pitch(sound: npt.NDArray[np.float32]) -> float:
    wave = sound[0] * np.hanning(sound.shape[1])
    return float(np.abs(np.fft.rfft(wave)).argmax() * 48_000 / sound.shape[1])


def test_the_models_sound_is_the_films(tmp_path: Path) -> None:
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, sound=True, fps=24)
    made = played(given, HEARD, Numbers(tone=440))
    sound = heard(made.footage.path)
    assert made.model.seen[0].sound
    assert sound.shape[1] == pytest.approx(48_000, abs=2100)  # AAC's frames are 1024 long
    assert pitch(sound[:, 4800:43_000]) == pytest.approx(440, abs=3)
    assert made.said["sound"] == ("done", "the model makes it with the pictures")
    assert any("-18" in note for note in made.footage.notes)


def test_parts_sound_on_without_a_gap(tmp_path: Path) -> None:
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, sound=True, seconds=3)
    made = played(given, HEARD, Numbers(tone=500))
    sound = heard(made.footage.path)
    levels = [np.sqrt((sound[0, at : at + 960] ** 2).mean()) for at in range(2400, 140_000, 960)]
    assert min(levels) > 0.4 * float(np.median(levels))


def test_where_no_sound_is_asked_for_none_is_made(tmp_path: Path) -> None:
    made = played(order(tmp_path, {picture(tmp_path, 1): FIRST}), HEARD, Numbers(tone=440))
    assert not made.model.seen[0].sound
    assert heard(made.footage.path).size == 0


def test_cues_are_told_to_the_model_and_said_so(tmp_path: Path) -> None:
    prompt = "a wood. Sound: rain on leaves"
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, prompt=prompt)
    made = played(given, HEARD, Numbers(tone=440))
    assert made.model.seen[0].sound
    assert "rain on leaves" in made.model.seen[0].prompt
    assert made.said["sound: rain on leaves"][0] == "approximated"


def test_silence_that_is_asked_for_is_silence(tmp_path: Path) -> None:
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, prompt="a wood. Sound: silence")
    made = played(given, HEARD, Numbers(tone=440))
    assert not made.model.seen[0].sound
    assert heard(made.footage.path).size == 0
    assert made.said["sound: silence"][0] == "done"


def test_a_silent_models_film_gets_the_houses_sound(tmp_path: Path) -> None:
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, prompt="rain falls", sound=True)
    made = played(given, SILENT)
    assert heard(made.footage.path).size
    assert made.said["sound"][0] == "done"
    assert "synthesised" in made.said["sound"][1]


def test_the_owners_music_is_laid_over_the_models_sound(tmp_path: Path) -> None:
    track = clip(tmp_path, range(16), name="music")
    with av.open(str(tmp_path / "music.wav"), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=48_000)
        times = np.arange(96_000) / 48_000
        wave = (8000 * np.sin(times * 1500 * 2 * np.pi)).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    music = tmp_path / "music.wav"
    given = order(
        tmp_path, {picture(tmp_path, 1): FIRST}, sound=True, tracks={0: music},
    )  # fmt: skip
    from dataclasses import replace

    shot = replace(given.shot, tracks=(Track(media(track)),))
    made = played(replace(given, shot=shot), HEARD, Numbers(tone=440))
    spectrum = np.abs(np.fft.rfft(heard(made.footage.path)[0][:48_000]))
    hertz = np.fft.rfftfreq(48_000, 1 / 48_000)
    floor = float(np.median(spectrum))
    for tone in (440, 1500):
        assert spectrum[np.abs(hertz - tone) < 5].max() > 50 * floor
    assert made.said["music"][0] == "done"
    assert made.said["sound"][1] == "the model makes it with the pictures"


def test_an_extension_keeps_its_sources_sound_and_the_models_comes_after(tmp_path: Path) -> None:
    first = order(tmp_path, {picture(tmp_path, 1): FIRST}, sound=True)
    film = played(first, HEARD, Numbers(tone=300)).footage.path.rename(tmp_path / "film.mp4")
    given = order(tmp_path, {film: Role.SOURCE}, kind=Kind.EXTEND, sound=True)
    made = played(given, HEARD, Numbers(tone=900))
    sound = heard(made.footage.path)
    assert pitch(sound[:, 8_000:40_000]) == pytest.approx(300, abs=5)
    assert pitch(sound[:, 56_000:88_000]) == pytest.approx(900, abs=5)
    parts = [float(np.sqrt((one**2).mean())) for one in (sound[:, 8000:40_000], sound[:, 56_000:88_000])]  # fmt: skip
    assert max(parts) < 1.5 * min(parts)


def test_a_format_that_holds_no_sound_is_said(tmp_path: Path) -> None:
    gif = Delivery(format="gif", suffix=".gif")
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, sound=True, delivery=gif)
    made = played(given, HEARD, Numbers(tone=440))
    assert made.said["sound"][0] == "not_possible"


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_sound_of_any_rate_comes_to_the_houses(rate: int, channels: int) -> None:
    wave = np.sin(np.arange(rate) / rate * 1000 * 2 * np.pi).astype(np.float32)
    made = resampled(np.repeat(wave[:, None], channels, axis=1), rate)
    assert made.shape[0] == 2
    assert made.shape[1] == pytest.approx(48_000, abs=64)
    assert pitch(made) == pytest.approx(1000, abs=3)
