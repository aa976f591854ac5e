"""A pull that is killed in the middle of a file loses at most what was on its way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.known_models import NAME, REPOSITORY, SHARD
from models.standin_hub import STEP, Hub, checkpoint
from mutoscope import models
from mutoscope.models import places, plan

pytest.importorskip("huggingface_hub")
pytestmark = pytest.mark.torch
SIZE = 3_000_000
COMMAND = [sys.executable, "-m", "mutoscope", "models", "pull", NAME, "--yes"]


@pytest.fixture
def held(hub: Hub) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The hub with larger files, which stops in the middle of one: `there` is set then, and `go_on` lets it
    send the rest."""
    hub.repositories[REPOSITORY].commits.clear()
    hub.add(REPOSITORY, checkpoint(SIZE))
    there, go_on = threading.Event(), threading.Event()

    def hold(name: str, sent: int) -> None:
        if name == SHARD and sent >= SIZE // 2 and not go_on.is_set():
            there.set()
            go_on.wait(60)

    hub.hold = hold
    yield there, go_on
    go_on.set()


def begun(there: threading.Event) -> subprocess.Popen[str]:
    """A pull that has half of the file on its disk."""
    made = subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert there.wait(60)
    part = plan.part(places.arriving(NAME) / SHARD)
    while part.stat().st_size < SIZE // 2 - STEP and made.poll() is None:
        threading.Event().wait(0.01)  # what was sent is on its way to the disk
    return made


Held = tuple[threading.Event, threading.Event]


def test_killed_in_mid_file_it_goes_on_with_what_came(
    hub: Hub, held: Held, models_folder: Path
) -> None:
    there, go_on = held
    first = begun(there)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    part = plan.part(places.arriving(NAME) / SHARD)
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
    assert (models_folder / NAME / SHARD).read_bytes() == checkpoint(SIZE)[SHARD]
    assert hub.served[SHARD] - served <= SIZE - came + 2 * STEP, "what came did not come again"
    spans = [span for path, span, _ in hub.asked if path.startswith("cdn/") and SHARD in path]
    assert spans == ["", f"bytes={came}-"]


def test_stopped_with_control_c_it_ends_in_one_line(hub: Hub, held: Held) -> None:
    there, go_on = held
    first = begun(there)
    first.send_signal(signal.SIGINT)
    threading.Timer(0.5, go_on.set).start()  # it is read to the end of what is on its way
    _, said = first.communicate(timeout=60)
    assert first.returncode == 130
    assert said.startswith("mutoscope: stopped; what came is kept")
    assert said.count("\n") == 1
    assert models.find(NAME) is None
    subprocess.run(COMMAND, capture_output=True, check=True, timeout=120)
    assert models.lacking(NAME) == ""
