"""`mutoscope edit` and `mutoscope extend`, as a person calls them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from made_films import moved, pan, written
from mutoscope.cli import build
from mutoscope.errors import MutoscopeError


def called(*words: str) -> int:
    """The exit code; what goes wrong is said as `main` says it."""
    try:
        build()(list(words), result_action="return_value")
    except MutoscopeError as error:
        sys.stderr.write(f"mutoscope: {error.message}\n")
        return error.exit_code
    return 0


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return written(tmp_path / "film.mp4", moved(12, pan))


def test_edit_says_what_became_of_each_wish(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("edit", "film.mp4", "half speed, add a dragon", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["frames"] == 24
    assert Path(made["path"]).name == "film-edited.mp4"
    assert [one["words"] for one in made["report"]["done"]] == ["half speed"]
    assert [one["words"] for one in made["report"]["not_possible"]] == ["add a dragon"]
    assert {path.name for path in film.parent.iterdir()} == {"film.mp4", "film-edited.mp4"}


def test_a_size_alone_reframes(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("edit", "film.mp4", "--size", "108x192", "--fit", "pad", "-o", "tall.mp4", "-q")
    assert called(*words) == 0
    from mutoscope.engines.flipbook.footage.source import look

    assert str(look(film.parent / "tall.mp4").size) == "108x192"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("edit", "none.mp4", "warmer"), "no such file"),
        (("edit", "film.mp4"), "nothing is asked"),
        (("edit", "film.mp4", "warmer", "--fit", "squash"), "fit is 'squash'"),
        (("edit", "text.mp4", "warmer"), "cannot be read"),
        (("edit", "film.mp4", "--size", "108x192", "--fit", "strict"), "must match"),
        (("extend", "film.mp4", "--seconds", "-1"), "seconds is -1"),
        (("extend", "film.mp4", "", "--seconds", "500"), "seconds is 500"),
    ],
)
def test_mistakes_are_one_sentence_and_leave_nothing(
    film: Path, words: tuple[str, ...], sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (film.parent / "text.mp4").write_text("not a film")
    assert called(*words) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert {path.name for path in film.parent.iterdir()} == {"film.mp4", "text.mp4"}


@pytest.mark.slow
def test_extend_adds_its_seconds(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("extend", "film.mp4", "keep going", "--seconds", "1", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["frames"], made["seconds"]) == (36, 1.5)
    assert Path(made["path"]).name == "film-extended.mp4"
