"""Google's Python package in the releases that made films with Veo, unmodified but for the address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from official import ROOT
from serving import Serving

VERSIONS = ("1.75.0", "2.34.0")


def run(version: str, address: str, photo: Path) -> dict[str, Any]:
    package = ROOT / ".venv" / "clients" / f"google-genai-{version}"
    assert package.is_dir(), "`make clients` installs the older releases"
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("gemini_program.py")), address, str(photo)],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("prefix", ["", "/gemini"])
def test_every_method_for_this_job(version: str, prefix: str, server: Serving, photo: Path) -> None:
    said = run(version, server.url + prefix, photo)
    assert said["version"] == version
    assert said["pending"] == [False, True]
    assert (said["samples"], said["result"]) == (2, 2)
    assert said["report"] == "slow dolly in"
    assert {"parameters.durationSeconds", "parameters.resolution"} <= set(said["warned"])
    assert said["film"] == ["ftyp", "video/mp4"]
    assert said["saved"]
    assert said["downloads"] == [True, True, True]
    assert (said["last frame"], said["reference"]) == ("video/mp4", "video/mp4")
    assert said["extended by uri"]
    assert said["extended by bytes"]
    assert said["metadata"] == {"k": "v"}
    assert said["file"] == ["Cup of coffee", "image/jpeg", "ACTIVE", "UPLOADED"]
    assert said["file again"]
    assert said["file content"]
    assert said["large"] == [True, True]
    assert said["listed"] == [True, True]
    assert said["deleted"] == [403, "PERMISSION_DENIED"]
    assert said["models"] == [True, "models/veo-3.1"]
    assert said["no model"][:2] == [404, "NOT_FOUND"]
    assert said["broken"][:2] == [400, "INVALID_ARGUMENT"]
    assert said["awaited film"] == "ftyp"
    assert said["awaited file"] == [True, True, True]
    assert said["awaited deleted"] == 403
    assert said["awaited model"] == "models/veo-3.1-fast"
