"""Google's packages in their Vertex mode, unmodified but for the address."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from test_interactions_clients import python

from official import ROOM
from serving import Serving

VERSIONS = ("1.75.0", "2.34.0", "3.4.0")
MODEL = "publishers/google/models/veo-3.1-generate-001"
PROJECT = f"projects/proj/locations/us-central1/{MODEL}"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_way_to_veo(version: str, server: Serving, photo: Path) -> None:
    said = python(version, "vertex_program.py", server.url, str(photo))
    assert said["version"] == version
    expected = {"express": MODEL, "project": PROJECT, "v1": PROJECT, "collection": MODEL}
    assert said["names"] == {way: expected[way] for way in said["names"]}
    assert {"express", "project", "v1", "collection"} == set(said["names"])
    assert said["films"] == list(said["names"])
    assert said["same"] == 1
    assert said["everything"] == ["video/mp4", "ftyp"]
    assert said["saved"]
    assert said["references"] == "video/mp4"
    assert said["longer"]
    for name in ("bucket", "gcs"):
        assert said[name][:2] == [400, "INVALID_ARGUMENT"]
        assert "no folder stands for a bucket" in said[name][2]
    assert said["mask"][:2] == [400, "INVALID_ARGUMENT"]
    assert said["model"] == [404, "NOT_FOUND"]
    assert said["awaited"] == "ftyp"
    if version > "3":
        assert said["interaction"] == ["completed", "gemini-omni-1.2-flash", "video/mp4"]


def test_below_its_prefix(server: Serving, photo: Path) -> None:
    said = python("3.4.0", "vertex_program.py", f"{server.url}/vertex", str(photo))
    assert said["names"]["project"] == PROJECT
    assert said["same"] == 1


@pytest.mark.parametrize("package", ["@google/genai", "genai3"])
def test_in_javascript(package: str, server: Serving, photo: Path, node: str) -> None:
    ran = subprocess.run(
        [node, str(ROOM / "npm" / "vertex.mjs"), server.url, str(photo), package],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert json.loads(ran.stdout) == {"name": MODEL, "films": [["video/mp4", "ftyp"]] * 2}
