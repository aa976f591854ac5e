"""Google's JavaScript package of the years of Veo, unmodified but for the address."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from serving import Serving

PROGRAM = Path(__file__).parent / "npm" / "gemini.mjs"


@pytest.mark.parametrize("prefix", ["", "/gemini"])
def test_every_method_for_this_job(
    prefix: str, server: Serving, photo: Path, node: str, tmp_path: Path
) -> None:
    ran = subprocess.run(
        [node, str(PROGRAM), server.url + prefix, str(photo), str(tmp_path)],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert said["pending"] == [False, "models/veo-3.1/operations"]
    assert said["samples"] == 2
    assert {"parameters.durationSeconds", "parameters.resolution"} <= set(said["warned"])
    assert said["film"] == ["ftyp", "video/mp4"]
    assert said["downloads"] == [True, True]
    assert said["others"] == ["video/mp4"] * 5
    assert said["file"] == ["Cup of coffee", "image/jpeg", "ACTIVE", "UPLOADED"]
    assert said["again"]
    assert said["large"] == [9 << 20, True]
    assert said["listed"]
    assert said["deleted"] == [True, 403]
    assert said["no model"] == [True, 404]
    assert said["model"] == "models/veo-3.1"
    assert said["models"]
