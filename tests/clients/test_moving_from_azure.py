"""Each snippet of the page "Moving from Azure", run as it stands but for the port."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mutoscope.dialects.azure.asking import MOST_VARIANTS
from mutoscope.dialects.azure.job import STATUSES
from mutoscope.dialects.azure.versions import NAMED
from mutoscope.finish.probe import probe
from official import ROOT
from serving import Serving

PAGE = (ROOT / "docs" / "moving-from-azure.md").read_text("utf-8")
DEFAULT = "http://127.0.0.1:8640"


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.fixture
def place(tmp_path: Path, photo: Path) -> Path:
    """An empty folder with the photograph that the page speaks of."""
    shutil.copy(photo, tmp_path / "photo.jpg")
    return tmp_path


def ran(program: list[str], place: Path, **named: str) -> str:
    done = subprocess.run(
        program, cwd=place, env={**os.environ, **named},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def python(number: int, place: Path, server: Serving) -> None:
    program = snippets("python")[number].replace(DEFAULT, server.url)
    ran([sys.executable, "-W", "ignore", "-c", program], place)


def test_the_page_has_what_is_run_here_and_says_what_is_so() -> None:
    assert (len(snippets("python")), len(snippets("js")), len(snippets("sh"))) == (3, 1, 2)
    assert f"1 to {MOST_VARIANTS}, each film" in PAGE
    for word in (*STATUSES, *NAMED):
        assert f"`{word}`" in PAGE


def test_sora_2(place: Path, server: Serving) -> None:
    python(0, place, server)
    made = probe(place / "film.mp4")
    assert (made.width, made.height, made.frames) == (1280, 720, 96)


def test_the_environment_alone_is_enough(place: Path, server: Serving) -> None:
    lines = re.findall(r"export (\w+)=(\S+)", "\n".join(snippets("sh")))
    named = {name: value.replace(DEFAULT, server.url) for name, value in lines}
    assert set(named) == {"AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "OPENAI_API_VERSION"}
    program = re.sub(r"AzureOpenAI\(\n.*?\n\)", "AzureOpenAI()", snippets("python")[0], flags=re.S)
    assert DEFAULT not in program
    ran([sys.executable, "-W", "ignore", "-c", program], place, **named)
    assert probe(place / "film.mp4").frames == 96


def test_javascript(place: Path, server: Serving, node: str) -> None:
    (place / "program.mjs").write_text(snippets("js")[0].replace(DEFAULT, server.url), "utf-8")
    os.symlink(Path(__file__).parent / "npm" / "node_modules", place / "node_modules")
    ran([node, "program.mjs"], place)
    assert probe(place / "film.mp4").frames == 96


def test_jobs_with_inpaint_items(place: Path, server: Serving) -> None:
    python(1, place, server)
    for number in range(2):
        made = probe(place / f"film-{number}.mp4")
        assert (made.width, made.height, made.frames) == (480, 480, 60)


def test_jobs_in_flat_forms(place: Path, server: Serving) -> None:
    python(2, place, server)
    made = probe(place / "film.mp4")
    assert (made.width, made.height, made.frames) == (720, 720, 60)
