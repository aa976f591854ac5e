"""Each snippet of the page "Moving from Sora 2", run as it stands but for the port."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mutoscope.finish.probe import probe
from official import ROOT
from serving import Serving

PAGE = (ROOT / "docs" / "moving-from-sora-2.md").read_text("utf-8")
DEFAULT = "http://127.0.0.1:8640"


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.fixture
def place(tmp_path: Path, photo: Path) -> Path:
    """An empty folder with the photograph that the page speaks of."""
    shutil.copy(photo, tmp_path / "photo.jpg")
    return tmp_path


def test_the_page_has_what_is_run_here() -> None:
    assert (len(snippets("python")), len(snippets("js")), len(snippets("sh"))) == (3, 1, 3)
    assert DEFAULT in PAGE


@pytest.mark.parametrize("number", range(3))
def test_python(number: int, place: Path, server: Serving) -> None:
    program = snippets("python")[number].replace(DEFAULT, server.url)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=place, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    if "film.mp4" in program:
        made = probe(place / "film.mp4")
        assert (made.width, made.height, made.frames) == (1280, 720, 96)
    if "remix" in program:
        assert ran.stdout.split() == ["completed"]


def test_the_environment_alone_is_enough(place: Path, server: Serving) -> None:
    lines = re.findall(r"export (\w+)=(\S+)", "\n".join(snippets("sh")))
    named = {name: value.replace(DEFAULT, server.url) for name, value in lines}
    assert set(named) == {"OPENAI_BASE_URL", "OPENAI_API_KEY"}
    program = re.sub(r"OpenAI\(.*\)", "OpenAI()", snippets("python")[0])
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env={**os.environ, **named},
        cwd=place, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert probe(place / "film.mp4").frames == 96


def test_javascript(place: Path, server: Serving, node: str) -> None:
    program = place / "program.mjs"
    program.write_text(snippets("js")[0].replace(DEFAULT, server.url), "utf-8")
    os.symlink(Path(__file__).parent / "npm" / "node_modules", place / "node_modules")
    ran = subprocess.run(
        [node, "program.mjs"],
        cwd=place, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert probe(place / "film.mp4").frames == 96


def test_curl(place: Path, server: Serving, curl: list[str]) -> None:
    command = next(text for text in snippets("sh") if text.startswith("curl"))
    words = command.replace(DEFAULT, server.url).replace("\\\n", " ")
    import shlex

    ran = subprocess.run(
        [*curl, "-sS", *shlex.split(words)[1:]],
        cwd=place, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert '"object":"video"' in ran.stdout.replace(" ", "")
