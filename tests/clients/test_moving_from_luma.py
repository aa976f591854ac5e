"""Each snippet of the page "Moving from Luma", run as it stands but for the port."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mutoscope.dialects.luma import sizes
from mutoscope.dialects.luma.concepts import concepts
from mutoscope.finish.probe import probe
from official import ROOM, ROOT
from serving import Serving

PAGE = (ROOT / "docs" / "moving-from-luma.md").read_text("utf-8")
DEFAULT = "http://127.0.0.1:8640"
#: Which client a Python snippet speaks through.
CLIENTS = {"from lumaai": "lumaai-1.21.0", "from luma_agents": "luma-agents-0.5.0"}


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.fixture
def place(tmp_path: Path, photo: Path) -> Path:
    """An empty folder with the photograph that the page speaks of."""
    shutil.copy(photo, tmp_path / "photo.jpg")
    return tmp_path


def ran(program: str, place: Path, **named: str) -> str:
    package = next(one for words, one in CLIENTS.items() if words in program)
    path = ROOT / ".venv" / "clients" / package
    assert path.is_dir(), "`make clients` installs it"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "PYTHONPATH": str(path), **named},
        cwd=place, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_page_has_what_is_run_here() -> None:
    assert (len(snippets("python")), len(snippets("js")), len(snippets("sh"))) == (3, 1, 2)
    assert DEFAULT in PAGE


@pytest.mark.parametrize("number", range(3))
def test_python(number: int, place: Path, server: Serving) -> None:
    program = snippets("python")[number]
    said = ran(program.replace(DEFAULT, server.url), place)
    if "film.mp4" in program:
        made = probe(place / "film.mp4")
        assert (made.width, made.height, made.frames) == (960, 540, 120)
    else:
        assert said.split()[:2] == ["completed", "completed"]
        assert "sound: " in said


def test_the_environment_alone_is_enough(place: Path, server: Serving) -> None:
    lines = re.findall(r"export (\w+)=(\S+)", "\n".join(snippets("sh")))
    named = {name: value.replace(DEFAULT, server.url) for name, value in lines}
    assert set(named) == {"LUMAAI_BASE_URL", "LUMAAI_API_KEY", "LUMA_BASE_URL", "LUMA_AGENTS_API_KEY"}  # fmt: skip
    checked = "from lumaai import LumaAI\nprint(LumaAI().ping.check().message)"
    assert ran(checked, place, **named).strip() == "pong"
    listed = (
        "from luma_agents import Luma\nprint(Luma().files.list(limit=1).has_more in (True, False))"
    )
    assert ran(listed, place, **named).strip() == "True"


def test_javascript(place: Path, server: Serving, node: str) -> None:
    program = place / "program.mjs"
    program.write_text(snippets("js")[0].replace(DEFAULT, server.url), "utf-8")
    os.symlink(ROOM / "npm" / "node_modules", place / "node_modules")
    done = subprocess.run(
        [node, "program.mjs"],
        cwd=place, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert probe(place / "film.mp4").frames == 120


def test_the_table_of_sizes_is_what_is_made() -> None:
    head = next(line for line in PAGE.splitlines() if line.startswith("| | 360p"))
    resolutions = [sizes.resolution("resolution", word) for word in head.split("|")[2:-1]]
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if re.match(r"\| \d+:\d+ ", line)]
    assert len(rows) == 4
    for ratio, *cells in rows:
        made = [str(sizes.size(ratio.strip(), one)) for one in resolutions]
        assert [cell.strip() for cell in cells] == made


def test_the_page_counts_the_concepts() -> None:
    assert f"All {len(concepts())} keys" in PAGE
