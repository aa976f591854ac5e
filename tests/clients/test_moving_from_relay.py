"""Each snippet of the page "Moving from a relay", run as it stands but for the port."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mutoscope.dialects.relay.routes import ROOT as PATHS
from mutoscope.finish.probe import probe
from official import ROOT
from serving import Serving

PAGE = (ROOT / "docs" / "moving-from-relay.md").read_text("utf-8")
DEFAULT = "http://127.0.0.1:8640"


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def ran(program: list[str], place: Path) -> str:
    done = subprocess.run(
        program, cwd=place, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def python(number: int, place: Path, server: Serving) -> str:
    program = snippets("python")[number].replace(DEFAULT, server.url)
    return ran([sys.executable, "-W", "ignore", "-c", program], place)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, photo: Path) -> Path:
    """A folder with the photograph that the page speaks of."""
    made = tmp_path_factory.mktemp("relay")
    shutil.copy(photo, made / "photo.jpg")
    return made


def test_the_page_has_what_is_run_here() -> None:
    assert (len(snippets("python")), len(snippets("sh"))) == (3, 2)
    assert f"{DEFAULT}{PATHS}" in PAGE


@pytest.mark.weights
def test_from_a_picture_to_a_character_to_its_film(place: Path, server: Serving) -> None:
    """In the page's order, for each snippet goes on from the one before."""
    python(0, place, server)
    first = probe(place / "film.mp4")
    assert (first.width, first.height, first.frames) == (1280, 720, 120)
    assert "Espresso" in python(1, place, server)
    film = probe(place / "character.mp4")
    assert (film.width, film.height, film.frames) == (1280, 720, 120)
    id, status = python(2, place, server).split()
    assert id.startswith("char_")
    assert status in ("processing", "completed")


def test_curl(place: Path, server: Serving, curl: list[str]) -> None:
    command = next(text for text in snippets("sh") if text.startswith("curl"))
    words = shlex.split(command.replace(DEFAULT, server.url).replace("\\\n", " "))
    told = json.loads(ran([*curl, "-sS", *words[1:]], place))
    assert told["status"] == "pending"
    assert told["task_id"].startswith("task_")
