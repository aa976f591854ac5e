"""A sentence without a photograph, for the engines that film one; and what a film is like by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import mutoscope
from mutoscope.catalog.load import contract
from mutoscope.cli.animate import is_sentence, told_apart
from mutoscope.cli.show import tell, words
from mutoscope.clip import Clip, Report, Warned
from mutoscope.direction.model import Direction
from mutoscope.engines import here
from mutoscope.errors import BadShot, CannotWrite
from mutoscope.shoot import workplace
from mutoscope.shot import Size
from mutoscope.usual import Usual

WAN = "wan2.2-ti2v-5b"
PHOTO = Path(__file__).parents[2] / "examples" / "coffee.jpg"


@pytest.mark.parametrize(
    ("first", "engine", "alone"),
    [
        ("a cat on a roof", WAN, True),
        ("a cat on a roof", "flipbook", True),  # which says that it films photographs
        ("cat", WAN, True),
        ("cat", "flipbook", False),
        ("cat", "nobody", False),
        ("cat.jpg", WAN, False),  # a photo that is not there
        ("my cat.PNG", WAN, False),
        ("pictures/cat", WAN, False),
        (str(PHOTO), WAN, False),
        ("x" * 5000, WAN, True),
    ],
)
def test_words_where_the_photo_stands(first: str, engine: str, alone: bool) -> None:
    assert is_sentence(first, engine) is alone


def test_words_are_taken_to_the_letter() -> None:
    assert told_apart("left // right. ", (), WAN) == (None, None, "left // right. ")
    assert told_apart("a cat", ("b.jpg",), WAN) == (Path("a cat"), Path("b.jpg"), "")


def test_flipbook_says_who_films_words(tmp_path: Path) -> None:
    with pytest.raises(BadShot, match=rf"flipbook films a photograph, .*{WAN}.* words alone"):
        mutoscope.animate(None, "a cat on a roof", output=tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())
    with pytest.raises(BadShot) as said:
        mutoscope.animate(None, "a cat on a roof", output=tmp_path / "film.mp4")
    assert "wan-v2v" not in said.value.message, "it makes films of films"


def test_a_moment_of_the_photo_needs_one(tmp_path: Path) -> None:
    with pytest.raises(BadShot, match="frame 12 is to be the photo, and there is none"):
        mutoscope.animate(None, "a cat", at={12: None}, engine=WAN, output=tmp_path / "film.mp4")


@pytest.mark.parametrize("at", [{}, {12: PHOTO}])
@pytest.mark.parametrize("endless", [{"seconds": float("nan")}, {"fps": float("inf")}])
def test_what_is_no_length_is_refused(
    at: dict[int | str, str | Path | bytes | None], endless: dict[str, float], tmp_path: Path
) -> None:
    with pytest.raises(BadShot, match=next(iter(endless))):
        mutoscope.animate(PHOTO, "x", at=at, output=tmp_path / "film.mp4", **endless)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_film_is_as_its_model_makes_it_where_nobody_says() -> None:
    known = contract(WAN, "diffusion")
    assert known.checkpoint is not None
    usual = Usual.of(WAN)
    assert (usual.seconds, usual.fps) == (known.default_seconds, known.checkpoint.fps)
    assert usual.size(None, None) == Size(1280, 720)  # all but what the model makes
    assert usual.size("1920x1080", PHOTO) == Size(1920, 1080)
    small = replace(usual, area=832 * 480, shapes=("480x832", "832x480"))
    assert small.size(None, None) == Size(832, 480)
    odd = replace(small, shapes=()).size(None, PHOTO)
    assert odd.width * odd.height == pytest.approx(832 * 480, rel=0.01)


def test_flipbook_stays_as_it_was() -> None:
    assert Usual.of("flipbook") == Usual(4.0, 24.0, "1280x720", 0)
    assert Usual.of("flipbook").size(None, PHOTO) == Usual.of("nobody").size(None, PHOTO)
    assert replace(Usual(), area=0).size(None, None, 360) == Size(640, 360)


def test_an_account_of_a_checkpoint_films_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'[engines.tuned]\nkind = "diffusion"\nmodel = "{WAN}"\nfolder = "{tmp_path}"\n'
    text += '[engines.gone]\nkind = "openai_videos"\nbase_url = "http://127.0.0.1:9/v1"\n'
    text += 'models = { "wan2.2" = "wan", "ltx" = "ltx" }\n'
    text += '[gpu]\noffload = "layers"\n'
    (tmp_path / "mutoscope.toml").write_text(text)
    monkeypatch.setenv("MUTOSCOPE_SERVER_DATA", str(tmp_path))
    known = here.limits("tuned")
    assert known is not None
    assert known.model == WAN
    assert here.engine("tuned").settings.offload == "layers"  # type: ignore[attr-defined]
    said = "gone is an engine elsewhere, which a server films with: .* the model ltx or wan2.2"
    with pytest.raises(BadShot, match=said):
        here.engine("gone")


def test_what_is_said_at_the_end_is_said_once_and_in_short_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    same = Warned("picture", "the picture is small", "photo")
    tell(
        Clip(
            path=Path("film.mp4"), size=Size(256, 256), seconds=17 / 24, fps=24.0, frames=17,
            engine=WAN, seed=0, direction=Direction(seconds=1), report=Report(), warnings=(same, same),
            took={},
        )
    )  # fmt: skip
    said = capsys.readouterr().out
    assert "0.71 s, 17 frames" in said
    assert said.count("the picture is small") == 1


def test_a_disk_that_is_full_is_told_of_the_film_that_was_asked_for(tmp_path: Path) -> None:
    """Over the border of a device's process comes the sentence alone, with a name that nobody knows."""
    film = tmp_path / "my film.mp4"
    with pytest.raises(CannotWrite) as said, workplace(film) as folder:
        raise CannotWrite(f"{folder / 'footage.mp4'} cannot be written: No space left on device")
    assert said.value.message == f"{film} cannot be written: No space left on device"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("stage", "said"),
    [("denoise 12/40", "denoising 12/40"), ("load", "loading the model"), ("", "starting"),
     ("odd", "odd")],
)  # fmt: skip
def test_a_stage_is_said_in_words(stage: str, said: str) -> None:
    assert words(stage) == said


def test_a_photo_alone_begins_the_film_of_a_model_that_takes_references_besides() -> None:
    assert Usual.of("wan2.1-vace-1.3b").begins
    assert not Usual.of("flipbook").begins, "its camera may begin inside the photograph"
