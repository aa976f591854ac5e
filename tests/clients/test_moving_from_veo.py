"""Each snippet of the page "Moving from Veo", run as it stands but for the port."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from mutoscope.finish.probe import probe
from official import ROOT
from serving import Serving

PAGE = (ROOT / "docs" / "moving-from-veo.md").read_text("utf-8")
DEFAULT = "http://127.0.0.1:8640"
PACKAGE = str(ROOT / ".venv" / "clients" / "google-genai-2.34.0")


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.fixture
def place(tmp_path: Path, photo: Path) -> Path:
    """An empty folder with the photograph that the page speaks of."""
    shutil.copy(photo, tmp_path / "photo.jpg")
    return tmp_path


def python(program: str, place: Path, **named: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "PYTHONPATH": PACKAGE, **named},
        cwd=place, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


def test_the_page_has_what_is_run_here() -> None:
    assert (len(snippets("python")), len(snippets("js")), len(snippets("sh"))) == (2, 1, 4)


def test_python(place: Path, server: Serving) -> None:
    python(snippets("python")[0].replace(DEFAULT, server.url), place)
    made = probe(place / "film.mp4")
    assert (made.width, made.height, made.frames) == (1280, 720, 96)


def test_what_veo_could_not(place: Path, server: Serving) -> None:
    said = python(snippets("python")[1].replace(DEFAULT, server.url), place)
    done, link = said.strip().splitlines()
    assert "Orbit slowly around the cup" in done
    (place / "film.mp4").write_bytes(httpx.get(link).content)
    made = probe(place / "film.mp4")
    assert (made.width, made.height, made.frames) == (640, 640, 48)


def test_the_environment_alone_is_enough(place: Path, server: Serving) -> None:
    lines = re.findall(r"export (\w+)=(\S+)", "\n".join(snippets("sh")))
    named = {name: value.replace(DEFAULT, server.url) for name, value in lines}
    assert set(named) == {"GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"}
    program = re.sub(r"genai\.Client\(.*?\n\)", "genai.Client()", snippets("python")[0], flags=re.S)
    assert "base_url" not in program
    python(program, place, **named)
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


def test_curl(place: Path, server: Serving) -> None:
    """Where this machine has the command; else what the line says is sent by another client."""
    upload, create = (text for text in snippets("sh") if text.startswith("curl"))
    file = json.loads(sent(upload, place, server))["file"]
    assert file["displayName"] == "photo.jpg"
    made = json.loads(sent(create.replace("files/ID", file["name"]), place, server))
    limit = time.monotonic() + 90
    while not (shown := httpx.get(f"{server.url}/v1beta/{made['name']}").json()).get("done"):
        assert time.monotonic() < limit
        time.sleep(0.2)
    assert shown["response"]["generateVideoResponse"]["generatedSamples"]


def sent(line: str, place: Path, server: Serving) -> str:
    words = shlex.split(line.replace(DEFAULT, server.url).replace("\\\n", " "))
    if shutil.which("curl"):
        ran = subprocess.run(
            ["curl", "-sS", *words[1:]],
            cwd=place, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    data = words[next(at for at, word in enumerate(words) if word in ("-d", "--data-binary")) + 1]
    body = (place / data[1:]).read_bytes() if data[0] == "@" else data.encode()
    return httpx.post(words[1], headers=headers, content=body).text
