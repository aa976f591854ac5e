"""Each snippet of the pages "Moving from Gemini Omni" and "Moving from Vertex AI", run as it stands but for
the port."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mutoscope.configure import load
from mutoscope.finish.probe import probe
from official import ROOM, ROOT
from serving import Serving

PAGES = {
    name: (ROOT / "docs" / f"moving-from-{name}.md").read_text("utf-8")
    for name in ("interactions", "vertex")
}
DEFAULT = "http://127.0.0.1:8640"
PACKAGE = str(ROOT / ".venv" / "clients" / "google-genai-3.4.0")


def snippets(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.S)


@pytest.fixture
def place(tmp_path: Path, photo: Path) -> Path:
    """An empty folder with the photograph that the pages speak of."""
    shutil.copy(photo, tmp_path / "photo.jpg")
    return tmp_path


def run(program: str, place: Path, **named: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "PYTHONPATH": PACKAGE, **named},
        cwd=place, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


def test_the_pages_have_what_is_run_here() -> None:
    count = {name: [len(snippets(name, kind)) for kind in ("python", "js", "sh")] for name in PAGES}
    assert count == {"interactions": [3, 1, 3], "vertex": [2, 1, 2]}


@pytest.mark.parametrize("page", PAGES)
def test_the_first_film(page: str, place: Path, server: Serving) -> None:
    run(snippets(page, "python")[0].replace(DEFAULT, server.url), place)
    made = probe(place / "film.mp4")
    assert (made.width, made.height, made.frames) == (1280, 720, 96)


@pytest.mark.parametrize("page", PAGES)
def test_the_environment_alone_is_enough(page: str, place: Path, server: Serving) -> None:
    lines = re.findall(r"export (\w+)=(\S+)", "\n".join(snippets(page, "sh")))
    named = {name: value.replace(DEFAULT, server.url) for name, value in lines}
    first = snippets(page, "python")[0]
    bare = re.sub(r"genai\.Client\(.*?\n?\)\n", "genai.Client()\n", first, count=1, flags=re.S)
    for program in (bare, bare.replace("Client()", "Client(vertexai=True)")):
        assert DEFAULT not in program
        if page == "vertex" or "vertexai" not in program:
            run(program, place, **named)
            assert probe(place / "film.mp4").frames == 96
            (place / "film.mp4").unlink()


@pytest.mark.parametrize("page", PAGES)
def test_javascript(page: str, place: Path, server: Serving, node: str) -> None:
    program = place / "program.mjs"
    said = snippets(page, "js")[0].replace(DEFAULT, server.url)
    program.write_text(said.replace('"@google/genai"', '"genai3"'), "utf-8")
    os.symlink(ROOM / "npm" / "node_modules", place / "node_modules")
    ran = subprocess.run(
        [node, "program.mjs"],
        cwd=place, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert probe(place / "film.mp4").frames == 96


def test_in_the_background_and_streamed(place: Path, server: Serving) -> None:
    said = run(snippets("interactions", "python")[1].replace(DEFAULT, server.url), place)
    assert said.split()[0] == "interaction.created"
    assert said.split()[-1] == "interaction.completed"


def test_more_than_the_services_could(place: Path, server: Serving) -> None:
    status, done = run(snippets("interactions", "python")[2].replace(DEFAULT, server.url), place).splitlines()  # fmt: skip
    assert (status, "Orbit slowly" in done) == ("completed", True)
    assert "Orbit slowly" in run(
        snippets("vertex", "python")[1].replace(DEFAULT, server.url), place
    )


def test_curl(place: Path, server: Serving, curl: list[str]) -> None:
    command = next(text for text in snippets("interactions", "sh") if text.startswith("curl"))
    sent = httpx.post(
        f"{server.url}/upload/v1beta/files",
        headers={"x-goog-upload-protocol": "raw", "content-type": "image/jpeg"},
        content=(place / "photo.jpg").read_bytes(),
    ).json()
    id = sent["file"]["name"].removeprefix("files/")
    line = command.replace(DEFAULT, server.url).replace("files/ID", f"files/{id}")
    ran = subprocess.run(
        [*curl, "-sS", *shlex.split(line.replace("\\\n", " "))[1:]],
        cwd=place, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert '"status":"in_progress"' in ran.stdout.replace(" ", "")


def test_the_setting_for_buckets_is_one(tmp_path: Path) -> None:
    (text,) = snippets("vertex", "toml")
    place = tmp_path / "mutoscope.toml"
    place.write_text(text, "utf-8")
    settings, _ = load(config=place, environ={})
    assert settings.storage.gcs == {"gs://my-bucket/videos": "/srv/videos"}
