"""A pull that is killed in the middle of a file loses at most what was on its way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from known_models import NAME, REPOSITORY, SHARD
from standin_hub import STEP, Hub, checkpoint

from mutoscope import models
from mutoscope.models import places, plan

pytest.importorskip("huggingface_hub")
pytestmark = pytest.mark.torch
SIZE = 3_000_000
COMMAND = [sys.executable, "-m", "mutoscope", "models", "pull", NAME, "--yes"]


def test_killed_in_mid_file_it_goes_on_with_what_came(hub: Hub, models_folder: Path) -> None:
    hub.repositories[REPOSITORY].commits.clear()
    files = checkpoint(SIZE)
    hub.add(REPOSITORY, files)
    there, go_on = threading.Event(), threading.Event()

    def hold(name: str, sent: int) -> None:
        if name == SHARD and sent >= SIZE // 2 and not go_on.is_set():
            there.set()
            go_on.wait(60)

    hub.hold = hold
    first = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert there.wait(60)
    part = plan.part(places.arriving(NAME) / SHARD)
    while part.stat().st_size < SIZE // 2 - STEP and first.poll() is None:
        threading.Event().wait(0.01)  # what was sent is on its way to the disk
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert first.stdout is not None
    first.stdout.close()
    came = part.stat().st_size
    assert came >= SIZE // 2 - STEP
    assert not (models_folder / NAME).exists()
    assert models.find(NAME) is None
    assert "has come only in part" in models.lacking(NAME)

    go_on.set()
    served = hub.served[SHARD]
    second = subprocess.run(COMMAND, capture_output=True, text=True, check=True, timeout=120)
    assert "came before" in second.stdout
    assert models.lacking(NAME) == ""
    assert (models_folder / NAME / SHARD).read_bytes() == files[SHARD]
    assert hub.served[SHARD] - served <= SIZE - came + 2 * STEP, "what came did not come again"
    spans = [span for path, span, _ in hub.asked if path.startswith("cdn/") and SHARD in path]
    assert spans == ["", f"bytes={came}-"]
