"""AlexNet's first three layers, from the same file as LPIPS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from test_alexnet_lpips import parameters, written

from mutoscope.weights.alexnet_looks import convert


def test_features_of_a_picture(tmp_path: Path) -> None:
    raw, out, again = written(tmp_path, parameters()), tmp_path / "a.onnx", tmp_path / "b.onnx"
    convert(raw, out)
    convert(raw, again)
    assert out.read_bytes() == again.read_bytes()
    network = ort.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(1).random((1, 3, 224, 224), dtype=np.float32)
    (found,) = (np.asarray(one) for one in network.run(None, {"figure": picture}))
    assert found.shape == (1, 384, 13, 13)
    assert float(found.min()) == 0.0 < float(found.max())


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no AlexNet_0\.Conv_0\.kernel"):
        convert(written(tmp_path, {}), tmp_path / "out.onnx")
