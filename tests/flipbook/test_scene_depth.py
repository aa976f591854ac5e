"""Depth from a model that the owner added."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from tiny_onnx import channel_mean

from mutoscope.engines.flipbook.taking.depth import learned_nearness
from mutoscope.errors import MutoscopeError, WeightsCorrupt


@pytest.fixture
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path))
    (tmp_path / "own").mkdir()
    return tmp_path / "own" / "depth.onnx"


def add(place: Path, model: bytes) -> None:
    place.write_bytes(model)
    record = {
        "sha256": hashlib.sha256(model).hexdigest(),
        "size": len(model),
        "original": "depth.onnx",
    }
    place.with_suffix(".json").write_text(json.dumps(record))


def ramp(height: int = 120, width: int = 200) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:] = np.linspace(0, 255, width).astype(np.uint8)[None, :, None]
    return picture


def test_without_a_model_there_is_none(owner: Path) -> None:
    assert learned_nearness(ramp(), 100) is None


@pytest.mark.parametrize("sides", [("h", "w"), (56, 98)])
def test_a_model_is_run_and_brought_to_0_to_1(
    owner: Path, sides: tuple[int | str, int | str]
) -> None:
    add(owner, channel_mean(*sides))
    near = learned_nearness(ramp(), 100)
    assert near is not None
    assert near.shape == (60, 100)
    assert near.dtype == np.float32
    assert near[:, 0].max() < 0.02
    assert near[:, -1].min() > 0.98
    assert np.all(np.diff(near[30]) > -1e-3)
    assert near[30, 50] == pytest.approx(0.5, abs=0.03)


def test_a_few_wild_values_do_not_set_the_scale(owner: Path) -> None:
    add(owner, channel_mean())
    picture = (ramp() // 4) + 90
    picture[:2, :4] = 255
    near = learned_nearness(picture, 100)
    assert near is not None
    assert near[30, 90] > 0.85


def test_a_model_of_another_form_is_refused(owner: Path) -> None:
    add(owner, channel_mean(kind=11))  # double
    with pytest.raises(MutoscopeError, match="one NCHW float picture"):
        learned_nearness(ramp(), 100)


def test_a_file_that_is_no_model_is_named(owner: Path) -> None:
    add(owner, b"not a model")
    with pytest.raises(WeightsCorrupt, match=r"depth\.onnx cannot be read as a model"):
        learned_nearness(ramp(), 100)
