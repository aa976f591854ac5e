"""A film that is not as it was asked for is told of."""

from __future__ import annotations

from dataclasses import replace

from mutoscope.finish.probe import Probe
from mutoscope.jobs.stages.finish import unlike
from mutoscope.shot import Anchor, Kind, Media, Role, Shot, Size

SHOT = Shot(prompt="a cat", size=Size(1280, 720), seconds=4.0, fps=24.0)
FILM = Probe("video", "video/mp4", 1280, 720, 4.0, 24.0, 96)


def codes(shot: Shot, film: Probe) -> list[str]:
    return [one.code for one in unlike(shot, film, "gpu")]


def test_a_film_as_it_was_asked_for() -> None:
    assert codes(SHOT, FILM) == []
    assert (
        codes(SHOT, replace(FILM, seconds=4.04, frames=97)) == []
    )  # a frame more: models count so
    assert codes(SHOT, replace(FILM, fps=23.976)) == []


def test_each_difference_is_one_sentence() -> None:
    film = replace(FILM, width=960, height=960, seconds=5.0625, fps=16.0)
    assert [one.message for one in unlike(SHOT, film, "gpu")] == [
        "the film is 960x960: gpu did not keep to 1280x720",
        "the film has 5.06 seconds: gpu did not keep to 4",
        "the film has 16 frames a second: gpu did not keep to 24",
    ]


def test_an_edit_keeps_what_its_source_has() -> None:
    source = (Anchor(Media("0" * 64, "video/mp4", 1), Role.SOURCE),)
    assert codes(replace(SHOT, kind=Kind.EDIT, anchors=source), replace(FILM, width=640)) == []
