"""A film edited through the engine's own door."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from made_films import moved, pan, still, written
from mutoscope import refilm
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.flipbook.film import film
from mutoscope.engines.flipbook.footage.edit import shaped
from mutoscope.engines.flipbook.footage.reading import frames, rgb_of
from mutoscope.engines.flipbook.footage.source import look
from mutoscope.errors import BadShot, Cancelled
from mutoscope.shot import Anchor, Fit, Kind, Media, Role, Shot, Size

pytestmark = pytest.mark.slow


def order(
    path: Path, prompt: str, folder: Path, kind: Kind = Kind.EDIT, size: Size | None = None,
    fit: Fit = Fit.AUTO,
) -> Order:  # fmt: skip
    source = look(path)
    media = Media(hashlib.sha256(path.read_bytes()).hexdigest(), "video/mp4", path.stat().st_size)
    shot = Shot(
        prompt=prompt, kind=kind, size=size or source.size, fps=float(source.rate), fit=fit,
        seconds=source.seconds, anchors=(Anchor(media, Role.SOURCE),),
    )  # fmt: skip
    return Order(shot, direct(prompt, source.seconds, film=True), folder, clips={0: path})


def made(one: Order) -> Footage:
    return film(one, lambda stage, done: None, lambda: False)


def outcomes(footage: Footage) -> dict[str, str]:
    return {one.words: one.outcome for one in footage.instructions}


@pytest.fixture(scope="module")
def panned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("films") / "pan.mp4", moved(24, pan), sound=True)


def test_a_picture_beside_the_film_is_said_to_have_no_part(panned: Path, tmp_path: Path) -> None:
    beside: Any = {1: "a still"}
    footage = made(replace(order(panned, "warmer", tmp_path), stills=beside))
    assert outcomes(footage) == {"warmer": "done", "a picture beside the film": "not_possible"}


def test_a_grade_keeps_everything_but_colour(panned: Path, tmp_path: Path) -> None:
    footage = made(order(panned, "warmer", tmp_path))
    source = look(footage.path)
    assert (footage.frames, footage.fps, footage.size) == (24, 24.0, Size(192, 108))
    assert (source.frames, source.size) == (24, Size(192, 108))
    before, after = (
        rgb_of(next(frames(look(path)))).reshape(-1, 3).mean(0) for path in (panned, footage.path)
    )
    assert after[0] > before[0] + 3
    assert after[2] < before[2] - 3
    assert outcomes(footage) == {"warmer": "done"}
    assert list(tmp_path.iterdir()) == [footage.path]


def test_the_sound_stays_where_the_length_does(panned: Path, tmp_path: Path) -> None:
    footage = made(order(panned, "darker", tmp_path))
    assert "the source's sound is kept" in footage.notes
    with av.open(str(footage.path)) as container:
        heard = container.streams.audio[0]
        assert heard.duration
        assert heard.time_base
        seconds = float(heard.duration * heard.time_base)
        assert 0.8 < seconds <= 1.1
        assert len(list(container.decode(video=0))) == 24


def test_the_sound_is_stretched_with_the_speed(panned: Path, tmp_path: Path) -> None:
    footage = made(order(panned, "twice as fast", tmp_path))
    assert footage.frames == 12
    assert any("stretched to the new speed (2 times)" in note for note in footage.notes)
    with av.open(str(footage.path)) as container:
        heard = container.streams.audio[0]
        assert heard.duration
        assert heard.time_base
        assert float(heard.duration * heard.time_base) == pytest.approx(0.5, abs=0.022)


@pytest.mark.parametrize(
    ("prompt", "why"), [("four times faster", "would be torn"), ("play it backwards", "backwards")]
)
def test_sound_that_cannot_follow_the_pictures_is_left_out_and_said(
    panned: Path, prompt: str, why: str, tmp_path: Path
) -> None:
    footage = made(order(panned, prompt, tmp_path))
    assert any(why in note and "left out" in note for note in footage.notes)
    with av.open(str(footage.path)) as container:
        assert not container.streams.audio


def test_reverse_and_half_speed_together(panned: Path, tmp_path: Path) -> None:
    footage = made(order(panned, "half speed, in reverse", tmp_path))
    assert footage.frames == 48
    before = [rgb_of(frame) for frame in frames(look(panned))]
    after = [rgb_of(frame) for frame in frames(look(footage.path))]
    assert np.abs(after[0].astype(int) - before[-1]).mean() < 5
    assert np.abs(after[46].astype(int) - before[0]).mean() < 5
    assert set(outcomes(footage).values()) == {"done"}


def test_what_cannot_be_done_is_said_one_by_one(panned: Path, tmp_path: Path) -> None:
    prompt = "replace the car with a bicycle, the woman smiles, sound of waves, make the sky warmer"
    footage = made(order(panned, prompt, tmp_path))
    said = outcomes(footage)
    assert said["replace the car"] == "not_possible"
    assert said["the woman smiles"] == "not_possible"
    assert said["sound: sound of waves"] == "done"
    assert said["warmer"] == "approximated"
    assert footage.frames == 24


def test_words_can_ask_for_a_shape(panned: Path, tmp_path: Path) -> None:
    footage = made(order(panned, "make it square", tmp_path))
    assert footage.size == Size(108, 108) == look(footage.path).size
    assert outcomes(footage) == {"make it square": "done"}


@pytest.mark.parametrize("fit", [Fit.PAD, Fit.STRETCH, Fit.COVER])
def test_reframe_to_the_shots_size(panned: Path, tmp_path: Path, fit: Fit) -> None:
    footage = made(order(panned, "", tmp_path, Kind.REFRAME, Size(108, 192), fit))
    assert look(footage.path).size == footage.size == Size(108, 192)


def test_a_remix_of_a_film_without_its_pictures_changes_the_film(
    panned: Path, tmp_path: Path
) -> None:
    footage = made(order(panned, "black and white", tmp_path, Kind.REMIX))
    rgb = rgb_of(next(frames(look(footage.path)))).astype(int)
    assert np.abs(rgb[..., 0] - rgb[..., 2]).mean() < 3


@pytest.mark.slow
def test_too_slow_is_as_slow_as_it_goes_and_said(panned: Path, tmp_path: Path) -> None:
    footage = made(order(panned, "50x slower", tmp_path))
    assert footage.frames == 24 * 8
    assert footage.instructions[0].outcome == "approximated"
    assert "50" in footage.instructions[0].how
    assert "8 times slower" in footage.instructions[0].how


def test_the_same_order_gives_the_same_film(panned: Path, tmp_path: Path) -> None:
    one, other = (tmp_path / name for name in ("one", "other"))
    for folder in (one, other):
        folder.mkdir()
    films = [made(order(panned, "film look, push in", folder)).path for folder in (one, other)]
    first, second = ([rgb_of(frame) for frame in frames(look(path))] for path in films)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_it_stops_at_the_next_frame_and_leaves_nothing(panned: Path, tmp_path: Path) -> None:
    asked = 0

    def cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > 6

    with pytest.raises(Cancelled):
        film(order(panned, "warmer", tmp_path), lambda stage, done: None, cancel)
    assert not list(tmp_path.iterdir())
    assert asked < 30


def test_progress_moves(panned: Path, tmp_path: Path) -> None:
    told: list[float] = []
    film(
        order(panned, "make it square, warmer", tmp_path),
        lambda stage, done: told.append(done), lambda: False,
    )  # fmt: skip
    assert told == sorted(told)
    assert len(set(told)) > 20
    assert told[0] >= 0
    assert 0.9 < told[-1] <= 1


def test_an_edit_without_a_film_is_refused(panned: Path, tmp_path: Path) -> None:
    one = order(panned, "warmer", tmp_path)
    with pytest.raises(BadShot, match="takes a film"):
        film(Order(one.shot, one.direction, tmp_path), lambda stage, done: None, lambda: False)


@pytest.mark.parametrize(
    ("shape", "size"),
    [("9:16", Size(720, 1280)), ("1:1", Size(720, 720)), ("4:5", Size(720, 900)), ("21:9", Size(1680, 720))],
)  # fmt: skip
def test_shaped(shape: str, size: Size) -> None:
    assert shaped(Size(1280, 720), shape) == size


def test_rain_falls_before_a_film_and_leaves_the_decoders_frames_alone(tmp_path: Path) -> None:
    film = written(tmp_path / "film.mp4", moved(12, still))
    clip = refilm.edit(film, "make it rain, film noir look", output=tmp_path / "out.mp4")
    said = {one.words: one.outcome for one in clip.report.approximated}
    assert said["make it rain"] == "approximated"
    assert [one.words for one in clip.report.done] == ["film noir look"]
    one, other = (rgb_of(next(frames(look(path)))).astype(int) for path in (film, clip.path))
    assert np.abs(one - other).mean() > 2
    assert np.ptp(other, axis=2).mean() < 3
