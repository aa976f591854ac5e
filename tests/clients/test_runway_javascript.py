"""Runway's newest JavaScript package on Node.js, unmodified but for key and address."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from serving import Serving

NPM = Path(__file__).parent / "npm"


def test_every_method_of_runways_javascript_client(node: str, server: Serving, photo: Path) -> None:
    assert (NPM / "node_modules" / "@runwayml" / "sdk").is_dir(), "`make clients` installs it"
    ran = subprocess.run(
        [node, str(NPM / "runway.mjs"), server.url, str(photo)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert all(uri.startswith("runway://") for uri in said["uploads"])
    assert said["waited"] == ["SUCCEEDED", 1, 0]
    assert said["report"] == 1
    assert said["content"] == "ftyp"
    assert said["forms"] == ["SUCCEEDED"] * 4
    assert said["edit"] == "SUCCEEDED"
    assert said["failed"][:2] == [True, "ASSET.INVALID"]
    assert "nowhere.invalid" in said["failed"][2]
    assert said["cancelled"] == [True, "CANCELLED"]
    errors = said["errors"]
    assert errors["deleted"][:2] == ["NotFoundError", 404]
    for name in ("words", "ratio", "upscale", "performance"):
        assert errors[name][:2] == ["BadRequestError", 400], name
    assert errors["ratio"][2].startswith("Validation of body failed: ratio is 'wide'")
    assert said["organization"] == [True, True]
    assert said["usage"] == 30
