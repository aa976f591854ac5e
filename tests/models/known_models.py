"""The model that the tests pull, what its repository has, and the same as if it had been pulled."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from models.standin_hub import SPARE, checkpoint
from mutoscope.catalog.checkpoint import Licence, Lora
from mutoscope.models import places, record
from mutoscope.models.record import File, Record

NAME = "wan2.2-ti2v-5b"
REPOSITORY = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
CONSENT = Licence(
    name="Strict Community Licence",
    page="https://example.com/licence",
    consent=True,
    conditions=("Not for firms above a revenue of one million.",),
    mark="Made with Strict",
    regions_excluded=("EU", "KR"),
    source="a test",
)
FREE = Licence(name="MIT", source="a test")
FILES = {name: body for name, body in checkpoint().items() if name not in SPARE}
SHARD = "transformer/diffusion_pytorch_model-00002-of-00002.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"


def written(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    """The files in a folder."""
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


def pulled(key: str = NAME, files: dict[str, bytes] = FILES) -> Path:
    """What a pull leaves."""
    record.write(
        places.record(key),
        Record(
            repository=REPOSITORY, revision="main", commit="c" * 40, when=record.now(),
            files={
                name: File(size=len(body), sha256=hashlib.sha256(body).hexdigest())
                for name, body in files.items()
            },
        ),
    )  # fmt: skip
    return written(places.place(key), files)


def lora(licence: Licence = FREE, **changed: Any) -> Lora:
    """A LoRA whose file lies beside others in its repository."""
    fields: dict[str, Any] = {
        "repository": "someone/loras",
        "files": {"transformer": "high/four-steps.safetensors"},
        "licence": licence,
        "bytes": 40_000,
    }
    return Lora(**(fields | changed))
