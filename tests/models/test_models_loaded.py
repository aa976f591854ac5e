"""What was pulled is what diffusers loads: a checkpoint that it saved itself, by way of the hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.known_models import NAME, REPOSITORY
from models.standin_hub import Hub, noise
from mutoscope import models
from mutoscope.models import layout
from mutoscope.models.pull import pull

diffusers = pytest.importorskip("diffusers")
torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:::(torch|diffusers|transformers)"),
]


def test_a_pulled_checkpoint_loads_whole(hub: Hub, tmp_path: Path) -> None:
    from tiny.wan import ti2v

    saved = ti2v(tmp_path / "saved")
    files = {
        path.relative_to(saved).as_posix(): path.read_bytes()
        for path in saved.rglob("*")
        if path.is_file()
    }
    spare = {
        "vae/diffusion_pytorch_model.bin": noise(9_000, 1),
        "vae/diffusion_pytorch_model.fp16.safetensors": noise(9_000, 2),
        "assets/teaser.mp4": noise(9_000, 3),
    }
    hub.repositories[REPOSITORY].commits.clear()
    hub.add(REPOSITORY, files | spare)
    pull(NAME)
    place = models.find(NAME)
    assert place is not None
    assert {
        path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()
    } == set(files)
    before = len(hub.asked)
    pipe = diffusers.DiffusionPipeline.from_pretrained(place, local_files_only=True)
    wanted = diffusers.DiffusionPipeline.from_pretrained(saved, local_files_only=True)
    assert set(pipe.components) == set(wanted.components)
    for name in ("transformer", "vae", "text_encoder"):
        ours, theirs = (one.components[name].state_dict() for one in (pipe, wanted))
        assert set(ours) == set(theirs)
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    assert len(hub.asked) == before
    assert layout.lacks(saved, "wan") == ""
