"""Older releases of the official Python package, each with the encoding it sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from official import ROOT

VERSIONS = ("2.8.0", "2.24.0")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_program_of_its_time_runs(version: str, base_url: str, photo: Path) -> None:
    package = ROOT / ".venv" / "clients" / f"openai-{version}"
    assert package.is_dir(), "`make clients` installs the older releases"
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("older_program.py")), base_url, str(photo)],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert said["version"] == version
    assert (said["file"], said["json"], said["poll"]) == ("completed",) * 3
    assert said["remix"]
    assert said["listed"]
    assert (said["content"], said["thumbnail"]) == ("ftyp", "WEBP")
    assert said["empty"][:2] == [400, "prompt"]
    assert "Error code: 404" in said["none"]
    assert said["deleted"] is True
