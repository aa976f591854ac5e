"""The newest official JavaScript package on Node.js, unmodified."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

NPM = Path(__file__).parent / "npm"


def test_every_method_of_the_javascript_client(node: str, base_url: str, photo: Path) -> None:
    assert (NPM / "node_modules" / "openai").is_dir(), "`make clients` installs it"
    ran = subprocess.run(
        [node, str(NPM / "program.mjs"), base_url, str(photo)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert said["forms"] == ["completed"] * 4
    sora = said["sora"]
    assert (sora["status"], sora["seconds"], sora["size"]) == ("completed", "4", "1280x720")
    assert sora["video_url"].startswith("http://127.0.0.1")
    assert said["remix"] is True
    assert said["edit"] == "completed"
    assert said["extend"] == "5"
    assert said["content"] == "ftyp"
    assert said["spritesheet"] == "image/jpeg"
    assert said["character"] == "Cup JS"
    assert len(said["listed"]) == len(set(said["listed"])) == 5
    assert said["errors"]["string"][:3] == ["BadRequestError", 400, "input_reference"]
    assert said["errors"]["seconds"][:3] == ["BadRequestError", 400, "seconds"]
    assert said["errors"]["none"][:2] == ["NotFoundError", 404]
    assert all(error[-1] for error in said["errors"].values()), "each with its request id"
    assert said["deleted"] is True
