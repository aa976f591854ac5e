"""Nothing that a shot asks for is left unsaid, and nothing that a model is only told is called done."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engines.diffusion.shot_stage import (
    Played,
    checkpoint,
    clip,
    media,
    order,
    picture,
    played,
)
from mutoscope.direction.model import Direction, Edit, Lens, Motion, Move
from mutoscope.engines.base import CastMember
from mutoscope.shot import Fit, Kind, Quality, Region, Role, Shot, Size, Track

FIRST = Role.FIRST_FRAME
PLAIN = checkpoint("first", longest=60, words_alone=True)

#: field → what is asked, and words that must come back for it
ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "prompt": ({"prompt": "a cat on a wall"}, "a cat on a wall"),
    "negative_prompt": ({"negative_prompt": "rain"}, "not: rain"),
    "size": ({"size": Size(120, 90)}, "size 120x90"),
    "seconds": ({"seconds": 3.0}, "3 seconds"),
    "fps": ({"fps": 24.0}, "24 frames a second"),
    "seed": ({"seed": 7}, "seed 7"),
    "loop": ({"loop": True}, "loop"),
    "sound": ({"sound": True}, "sound"),
    "fit": ({"fit": Fit.COVER}, "fit cover"),
    "pad_colour": ({"pad_colour": "#ff0000"}, "pad colour #ff0000"),
    "quality": ({"quality": Quality.BEST}, "quality best"),
    "regions": ({"regions": (Region("water", point=(0.5, 0.5)),)}, "region water"),
    "cast": ({"cast": {"Fox": CastMember("Fox")}, "prompt": "@Fox runs"}, "@Fox"),
}
#: fields whose answer is told elsewhere, and where
ELSEWHERE = {
    "kind": "test_each_kind_says_what_it_did",
    "model": "the clip's engine",
    "takes": "the contract: one film a shot",
    "anchors": "test_every_role_is_answered",
    "direction": "test_everything_in_a_direction_is_answered",
    "delivery": "the writer: it is the file itself; layers are refused before",
    "tracks": "test_a_track_is_answered",
}


def test_every_field_of_a_shot_is_in_these_tables() -> None:
    assert {one.name for one in fields(Shot)} == set(ASKED) | set(ELSEWHERE)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_is_answered(name: str, tmp_path: Path) -> None:
    wish, words = ASKED[name]
    plain = played(order(tmp_path, quality=Quality.STANDARD, prompt="x"), PLAIN)
    made = played(order(tmp_path, **{"quality": Quality.STANDARD, "prompt": "x"} | wish), PLAIN)
    assert words not in plain.said
    outcome, how = made.said[words]
    assert how
    assert outcome in ("done", "approximated", "not_possible")


def test_everything_in_a_direction_is_answered_and_none_of_it_is_called_done(
    tmp_path: Path,
) -> None:
    read = Direction(
        seconds=1,
        camera=(Move(move="dolly_in", start=0, end=1, words="push in"), Move(move="pan_left", start=0, end=1)),
        motion=(Motion(kind="walk", group="people", words="she walks"), Motion(kind="sway", target="trees")),
        sound=("birdsong", "a violin"), keep=("the logo",), lens=Lens(focal_mm=50, focus="shallow"),
        style="stop_motion", loop=True, refused=("zoom_in",), unread=("frobnicate it",),
        edits=(Edit(edit="warmer", words="warmer"), Edit(edit="reverse", words="backwards")),
    )  # fmt: skip
    made = played(order(tmp_path, {picture(tmp_path, 1): FIRST}, direction=read), PLAIN)
    said = {words: outcome for words, (outcome, _) in made.said.items()}
    left = (
        "push in", "pan left", "she walks", "trees sway", "keep the logo", "50 mm lens",
        "shallow focus", "stop motion", "frobnicate it", "no zoom in",
    )  # fmt: skip
    assert {said[words] for words in left} == {"approximated"}
    assert said["loop"] == said["backwards"] == "not_possible"
    assert said["warmer"] == "done"
    assert said["sound: birdsong"] in ("done", "approximated")
    assert said["sound: a violin"] == "not_possible"
    assert "the camera pushes in" in made.said["push in"][1]


def test_a_move_that_was_asked_for_in_german_is_said_to_be_added_in_english(tmp_path: Path) -> None:
    given = order(tmp_path, prompt="Langsamer Schwenk nach links, die Katze läuft")
    how = played(given, PLAIN).said["Langsamer Schwenk nach links"][1]
    assert how == 'left to the model, in words, added in English: "the camera slowly pans left"'


@pytest.mark.parametrize("prompt", ["the cat stretches", "The cat stretches.", "pan left"])
def test_a_prompt_that_is_one_wish_is_said_once(prompt: str, tmp_path: Path) -> None:
    made = played(order(tmp_path, prompt=prompt), PLAIN).project.instructions
    again = [one for one in made if one.words.lower().strip(".") == prompt.lower().strip(".")]
    assert [(one.outcome, one.how[:17]) for one in again] == [("approximated", "left to the model")]


def test_a_prompt_longer_than_the_model_reads_is_said(tmp_path: Path) -> None:
    long = "a cat and a dog run " * 200
    made = played(order(tmp_path, prompt=long), PLAIN)
    assert made.said["the prompt's length"][0] == "approximated"
    assert "first 512" in made.said["the prompt's length"][1]


ROLES: dict[Role, dict[str, Any]] = {
    Role.REFERENCE: {}, Role.FIRST_FRAME: {}, Role.LAST_FRAME: {}, Role.FRAME: {"frame": 5},
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_answered(role: Role, tmp_path: Path) -> None:
    model = checkpoint("frame", "lead", lead_frames=5, words_alone=True)
    made = played(order(tmp_path, {picture(tmp_path, 1): (role, ROLES[role])}), model)
    named = {
        Role.REFERENCE: "reference picture",
        Role.FRAME: "picture at frame 5",
    }
    assert named.get(role, str(role).replace("_", " ")) in made.said


def test_a_film_to_go_by_is_answered(tmp_path: Path) -> None:
    film = clip(tmp_path, range(8))
    made = played(order(tmp_path, {film: Role.REFERENCE}, prompt="x"), PLAIN)
    assert made.said["reference video"][0] == "not_possible"


def test_a_track_is_answered(tmp_path: Path) -> None:
    import av

    path = tmp_path / "music.wav"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=48_000)
        wave = np.zeros((1, 48_000), np.int16)
        wave[0, ::50] = 9000
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    given = order(tmp_path, prompt="x", tracks={0: path})
    shot = replace(given.shot, tracks=(Track(media(picture(tmp_path, 1))),))
    assert played(replace(given, shot=shot), PLAIN).said["music"][0] == "done"


@pytest.mark.parametrize("kind", [Kind.EXTEND, Kind.EDIT, Kind.REMIX, Kind.REFRAME])
def test_each_kind_says_what_it_did(kind: Kind, tmp_path: Path) -> None:
    film = clip(tmp_path, range(16))
    model = checkpoint("first", "lead", "video", "mask", lead_frames=5, longest=60)
    size = Size(64, 96) if kind is Kind.REFRAME else Size(96, 64)
    made = played(order(tmp_path, {film: Role.SOURCE}, kind=kind, prompt="a watercolor", size=size), model)  # fmt: skip
    words = {
        Kind.EXTEND: "1 second more", Kind.EDIT: "edit the film", Kind.REMIX: "remix the film",
        Kind.REFRAME: "size 64x96",
    }[kind]  # fmt: skip
    assert made.said[words][0] == "done"


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.REFRAME])
def test_films_and_pictures_beside_one_that_is_made_anew_are_answered(
    kind: Kind, tmp_path: Path
) -> None:
    film, red = clip(tmp_path, range(16)), tmp_path / "red.png"
    Image.new("RGB", (96, 64), (200, 0, 0)).save(red)
    files = {film: Role.SOURCE, red: Role.LAST_FRAME, clip(tmp_path, range(5), name="by"): Role.REFERENCE}  # fmt: skip
    model = checkpoint("first", "lead", "video", "mask", lead_frames=5)
    size = Size(64, 96) if kind is Kind.REFRAME else Size(96, 64)
    made: Played = played(
        order(tmp_path, files, kind=kind, prompt="a watercolor", size=size), model
    )
    assert made.said["last frame"][0] == "not_possible"
    assert made.said["reference video"][0] == "not_possible"


def test_what_the_model_said_itself_is_in_the_notes(tmp_path: Path) -> None:
    from engines.diffusion.shot_stage import Numbers, Quiet
    from mutoscope.engines.diffusion.shot.finishing import finished
    from mutoscope.engines.diffusion.shot.writing import written

    given = order(tmp_path, prompt="x")
    project = written(given, PLAIN, "test")
    made = replace(Numbers().film(project.brief(0, None)), notes=("one thing went otherwise",))
    footage = finished(given, project, [made], {"film": 1.0}, Quiet())
    assert "one thing went otherwise" in footage.notes
    assert footage.seconds_spent["film"] == 1.0
    assert footage.seconds_spent["finish"] >= 0
