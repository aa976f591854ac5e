"""The network that LPIPS is computed with: read from a pickle of arrays, nothing else, always alike."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from mutoscope.weights.alexnet_lpips import LAYERS, WIDTHS, convert


def parameters(seed: int = 0) -> dict[str, Any]:
    """Random ones of the right shapes."""
    draw = np.random.default_rng(seed)

    def array(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return draw.normal(0, np.prod(shape[:-1]) ** -0.5, shape).astype(np.float32)

    layers = {
        f"Conv_{number}": {
            "kernel": array(side, side, WIDTHS[number], WIDTHS[number + 1]),
            "bias": array(WIDTHS[number + 1]),
        }
        for number, (side, _, _) in enumerate(LAYERS)
    }
    heads = {
        f"NetLinLayer_{number}": {"Conv_0": {"kernel": np.abs(array(1, 1, width, 1))}}
        for number, width in enumerate(WIDTHS[1:])
    }
    return {"AlexNet_0": layers} | heads


def written(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "raw.ckpt"
    path.write_bytes(pickle.dumps(value, 3))
    return path


def test_a_distance_of_two_pictures(tmp_path: Path) -> None:
    raw, out = written(tmp_path, parameters()), tmp_path / "net.onnx"
    convert(raw, out)
    again = tmp_path / "again.onnx"
    convert(raw, again)
    assert out.read_bytes() == again.read_bytes()
    network = ort.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    draw = np.random.default_rng(1)
    one, other = (draw.random((1, 3, 70, 90), dtype=np.float32) for _ in range(2))

    def distance(a: Any, b: Any) -> float:
        found: Any = network.run(None, {"one": a, "other": b})[0]
        assert found.shape == (1, 1, 1, 1)
        return float(found.ravel()[0])

    assert distance(one, one) == 0
    assert distance(one, other) == pytest.approx(distance(other, one), rel=1e-5)
    assert 0 < distance(one, one * np.float32(0.9)) < distance(one, other)


class Runs:
    """What a pickle does that is not an array."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("made-by-a-pickle",)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"AlexNet_0": Runs()}, "posix.mkdir, which no array needs"),
        ([1, 2], "something other than arrays by name"),
        ({}, "has no AlexNet_0.Conv_0.kernel"),
        (
            {"AlexNet_0": {"Conv_0": {"kernel": np.zeros(3), "bias": np.zeros(3)}}},
            "no array of float32",
        ),
    ],
    ids=["code", "list", "empty", "doubles"],
)
def test_what_is_no_pickle_of_arrays_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=said):
        convert(written(tmp_path, value), tmp_path / "out.onnx")
    assert not (tmp_path / "made-by-a-pickle").exists()
    assert not (tmp_path / "out.onnx").exists()


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    raw = written(tmp_path, parameters())
    raw.write_bytes(raw.read_bytes()[:5000])
    with pytest.raises(ValueError, match="no pickle of arrays"):
        convert(raw, tmp_path / "out.onnx")
