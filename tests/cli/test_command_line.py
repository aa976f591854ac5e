"""The command line as a person meets it: one line and a useful exit code for whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PHOTO = Path(__file__).parents[2] / "examples" / "coffee.jpg"


def mutoscope(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mutoscope", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "80", **environment},
        timeout=60,
    )


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line on the error stream, where the exit code is as it should be."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("mutoscope: ")
    return lines[0]


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    said = one_line(mutoscope("animate", tmp_path / "none.jpg", "push in"), 2)
    assert "no such file" in said


def test_a_text_file_named_jpg_is_one_line(tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("not a picture at all\n")
    film = tmp_path / "film.mp4"
    said = one_line(mutoscope("animate", text, "push in", "-o", film), 2)
    assert "notes.jpg" in said
    assert list(tmp_path.iterdir()) == [text]


def test_an_unknown_size_is_one_line(tmp_path: Path) -> None:
    said = one_line(mutoscope("animate", PHOTO, "push in", "--size", "large"), 2)
    assert "large" in said


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--seconds", "0"), ("--seconds", "90"), ("--fps", "5"), ("--fit", "sideways"),
     ("--quality", "finest"), ("--engine", "flipbok"), ("--region", "water"), ("--seed", "-1"),
     ("--size", "101x101"), ("--size", "32x32"), ("--at", "96"), ("--at", "5s"), ("--at", "soon"),
     ("--at", "24=")],
)  # fmt: skip
def test_a_value_out_of_what_is_allowed_is_one_line(flag: str, value: str, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    one_line(mutoscope("animate", PHOTO, "push in", f"{flag}={value}", "-o", film), 2)
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_films_place_is_one_line(tmp_path: Path) -> None:
    assert "is a folder" in one_line(mutoscope("animate", PHOTO, "push in", "-o", tmp_path), 4)


def test_a_film_with_another_ending_is_one_line(tmp_path: Path) -> None:
    said = one_line(mutoscope("animate", PHOTO, "push in", "-o", tmp_path / "film.avi"), 2)
    assert ".mp4" in said
    assert not list(tmp_path.iterdir())


def test_an_unwritable_place_is_one_line_before_any_work(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file, not a folder")
    said = one_line(mutoscope("animate", PHOTO, "push in", "-o", blocked / "film.mp4"), 4)
    assert "cannot be written" in said


def test_a_direction_that_is_no_json_is_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "direction.json"
    bad.write_text("{")
    one_line(mutoscope("animate", PHOTO, "--direction", bad, "-o", tmp_path / "film.mp4"), 2)
    one_line(mutoscope("animate", PHOTO, "--direction", tmp_path / "none.json"), 2)


@pytest.mark.slow
def test_every_verb_has_help_that_fits_80_columns() -> None:
    from mutoscope.cli import VERBS

    for verb in VERBS:
        done = mutoscope(verb, "--help")
        assert done.returncode == 0, done.stderr
        assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_the_library_imports_nothing_heavy() -> None:
    heavy = "numpy cv2 numba av onnxruntime pyvips rich"
    code = (
        "import sys, mutoscope, mutoscope.cli, mutoscope.shot, mutoscope.direction.parse\n"
        f"print([name for name in {heavy.split()} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
