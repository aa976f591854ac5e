"""`mutoscope animate` with a model of open weights, from the photograph to the film."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gpu_server import LIMIT, TI2V, Models, alive, devices
from mutoscope.finish.probe import probe

pytest_plugins = ("gpu_fixtures",)
pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.xdist_group("gpu")]
QUICK = ("--engine", TI2V, "--size", "256x256", "--seconds", "0.5", "--quality", "draft")


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "mutoscope", *map(str, words)]


def around(models: Models, home: Path) -> dict[str, str]:
    """The environment: a data folder of its own, where no settings are."""
    mine = {"MUTOSCOPE_SERVER_DATA": str(home), "COLUMNS": "80"}
    return {**os.environ, **models.environment, **mine}


def test_a_photo_and_a_sentence(ti2v: Models, still: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    done = subprocess.run(
        command("animate", still, "slow push in", *QUICK, "-o", film, "--json"),
        capture_output=True, text=True, env=around(ti2v, tmp_path), timeout=LIMIT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    clip = json.loads(done.stdout)
    assert clip["engine"] == TI2V
    assert clip["took"]["engine.film"] > 0
    made = probe(film)
    assert (made.width, made.height, made.frames) == (256, 256, 12)
    assert list(tmp_path.iterdir()) == [film]


def test_a_polite_kill_ends_the_device_and_leaves_nothing(ti2v: Models, tmp_path: Path) -> None:
    running = subprocess.Popen(
        command("animate", "a cat on a roof", *QUICK, "-o", tmp_path / "film.mp4"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=around(ti2v, tmp_path),
    )  # fmt: skip
    try:
        end = time.monotonic() + LIMIT
        while not (found := devices(running.pid)) and time.monotonic() < end:
            time.sleep(0.02)
        running.terminate()
        _, said = running.communicate(timeout=LIMIT)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 130
    assert said.strip() == "mutoscope: stopped; nothing half-written was left"
    assert found
    assert not any(map(alive, found))
    assert not list(tmp_path.iterdir())
