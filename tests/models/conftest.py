"""An empty folder of models for each test, and a hub that stands in for the one outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.known_models import NAME, REPOSITORY
from models.standin_hub import Hub, checkpoint
from mutoscope.catalog.model import Contract
from mutoscope.models import pieces

REAL = pieces.models


@pytest.fixture(autouse=True)
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the machine's own set-up; nobody answers at the hub's address."""
    monkeypatch.setenv("MUTOSCOPE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE",
                 "TRANSFORMERS_OFFLINE", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY",
                 "HTTPS_PROXY", "ALL_PROXY"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """With the model's repository in it."""
    made = Hub()
    made.add(REPOSITORY, checkpoint())
    monkeypatch.setenv("HF_ENDPOINT", made.address)
    yield made
    made.close()


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Contract]:
    """Have the catalogue's model say something else: fields of its checkpoint, and a second model."""

    def change(also: str = "", **changed: Any) -> Contract:
        kept = next(one for one in REAL() if one.model == NAME)
        assert kept.checkpoint is not None
        made = msgspec.structs.replace(
            kept, checkpoint=msgspec.structs.replace(kept.checkpoint, **changed)
        )
        more = (msgspec.structs.replace(made, model=also),) if also else ()
        monkeypatch.setattr(pieces, "models", lambda: (made, *more))
        return made

    return change
