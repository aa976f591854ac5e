"""Each snippet of the page "Moving from Runway", run as it stands but for the port."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mutoscope.dialects.all import dialect
from mutoscope.dialects.runway import organization, uploads
from mutoscope.dialects.runway.handling import VERSION
from mutoscope.dialects.runway.refused import REFUSED
from mutoscope.finish.probe import probe
from official import ROOT
from serving import Serving

PAGE = (ROOT / "docs" / "moving-from-runway.md").read_text("utf-8")
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


def test_the_page_has_what_is_run_here() -> None:
    assert (len(snippets("python")), len(snippets("js")), len(snippets("sh"))) == (3, 1, 3)
    assert DEFAULT in PAGE


def test_figures_on_the_page_are_those_of_the_code() -> None:
    assert VERSION in PAGE
    assert f"{organization.BALANCE:,}" in PAGE
    assert (dialect("runway").remembers, uploads.LASTING) == (3600.0, 86400.0)
    for path in REFUSED:
        name = path.split("/")[2]
        plain = {"voice_isolation": "sounds", "voice_dubbing": "sounds", "text_to_image": "images",
                 "image_upscale": "images", "text_to_speech": "voices", "speech_to_speech": "voices",
                 "sound_effect": "sounds", "video_to_audio": "sounds", "generate": "images",
                 "workflow_invocations": "workflows", "realtime_sessions": "avatars",
                 "documents": "avatars", "avatar_videos": "avatars",
                 "avatar_conversations": "avatars"}.get(name, name)  # fmt: skip
        assert plain in PAGE, path


@pytest.mark.parametrize("number", range(3))
def test_python(number: int, place: Path, server: Serving) -> None:
    program = snippets("python")[number].replace(DEFAULT, server.url)
    said = ran([sys.executable, "-c", program], place)
    if "film.mp4" in program:
        made = probe(place / "film.mp4")
        assert (made.width, made.height, made.frames) == (1280, 720, 120)
    if "loop" in program:
        assert server.url in said
    if "aleph2" in program:
        assert said.split() == ["SUCCEEDED"]


def test_the_environment_alone_is_enough(place: Path, server: Serving) -> None:
    lines = re.findall(r"export (\w+)=(\S+)", "\n".join(snippets("sh")))
    named = {name: value.replace(DEFAULT, server.url) for name, value in lines}
    assert set(named) == {"RUNWAYML_BASE_URL", "RUNWAYML_API_SECRET"}
    program = re.sub(r"RunwayML\(.+\)", "RunwayML()", snippets("python")[0])
    ran([sys.executable, "-c", program], place, **named)
    assert probe(place / "film.mp4").frames == 120


def test_javascript(place: Path, server: Serving, node: str) -> None:
    program = place / "program.mjs"
    program.write_text(snippets("js")[0].replace(DEFAULT, server.url), "utf-8")
    os.symlink(Path(__file__).parent / "npm" / "node_modules", place / "node_modules")
    ran([node, "program.mjs"], place)
    assert probe(place / "film.mp4").frames == 120


def test_curl(place: Path, server: Serving, curl: list[str]) -> None:
    command = next(text for text in snippets("sh") if text.startswith("curl"))
    words = shlex.split(command.replace(DEFAULT, server.url).replace("\\\n", " "))
    assert '"estimatedCost"' in ran([*curl, "-sS", *words[1:]], place)
