"""The newest official JavaScript package as Azure's customers use it, unmodified."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from clips_made import frame, written
from serving import Serving

NPM = Path(__file__).parent / "npm"


def test_every_method_of_the_javascript_client(
    node: str, server: Serving, photo: Path, tmp_path: Path
) -> None:
    assert (NPM / "node_modules" / "openai").is_dir(), "`make clients` installs it"
    clip = written(tmp_path / "clip.mp4", [frame(x) for x in range(110, 200, 4)])
    ran = subprocess.run(
        [node, str(NPM / "azure.mjs"), server.url, str(photo), str(clip)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert set(said["clients"]) == {"endpoint", "base", "token", "plain", "prefix"}
    for status, film, link in said["clients"].values():
        assert (status, film) == ("completed", "ftyp")
        assert link.startswith(f"{server.url}/")
    assert said["remix"] is True
    assert said["edit"] == "completed"
    assert said["extend"] == "5"
    assert said["character"] == "Azure Mug JS"
    assert len(said["listed"]) == len(set(said["listed"])) == 5
    assert said["errors"]["none"][:2] == ["NotFoundError", 404]
    assert said["errors"]["seconds"][:3] == ["BadRequestError", 400, "invalid_value"]
    assert said["errors"]["version"][:3] == ["BadRequestError", 400, "BadRequest"]
    assert all(error[-1] for error in said["errors"].values()), "each with its request id"
    assert said["deleted"] is True
