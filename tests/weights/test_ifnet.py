"""The interpolation network that is written when fetched is the one that was learned."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy_ifnet import motion, tensors
from torch_files import saved

from mutoscope.weights import ifnet
from mutoscope.weights.convert import CONVERTERS


def run(model: bytes | str, first: Any, last: Any, time: float) -> list[Any]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feeds = {"first": first[None], "last": last[None], "time": np.full((1, 1, 1, 1), time)}
    found = session.run(None, {name: value.astype(np.float32) for name, value in feeds.items()})
    return [np.asarray(one)[0] for one in found]


@pytest.mark.parametrize(("height", "width", "time"), [(32, 64, 0.5), (64, 32, 0.2)])
def test_the_graph_works_out_what_the_network_says(height: int, width: int, time: float) -> None:
    net = tensors()
    first, last = np.random.default_rng(4).random((2, 3, height, width))
    flow, mask = run(ifnet.model(net), first, last, time)
    wanted = motion(net, first, last, time)
    assert np.abs(wanted[0]).max() > 2, "the motion goes somewhere"
    assert flow == pytest.approx(wanted[0], abs=2e-3)
    assert mask == pytest.approx(wanted[1], abs=2e-3)


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    raw = saved(tmp_path / "rife.pkl", tensors())
    once, again = tmp_path / "once.onnx", tmp_path / "again.onnx"
    CONVERTERS["ifnet"](raw, once)
    CONVERTERS["ifnet"](raw, again)
    assert once.read_bytes() == again.read_bytes()
    # the bytes of every machine, not of this run: the manifest's SHA-256 stands on it
    assert hashlib.sha256(once.read_bytes()).hexdigest() == (
        "b5775324083743351738424d24c6fd8a713196b30fed0f77a7bd7e84893ada3c"
    )


@pytest.mark.parametrize(
    ("gone", "more", "said"),
    [
        ("block2.lastconv.0.weight", "", r"no tensor block2\.lastconv\.0\.weight"),
        ("", "block4.conv0.0.0.weight", "a tensor block4"),
        ("", "contextnet.bias", r"a tensor contextnet\.bias"),
    ],
)
def test_another_network_is_refused(gone: str, more: str, said: str) -> None:
    net = {name: tensor for name, tensor in tensors().items() if name != gone}
    if more:
        net[more] = np.zeros(2, np.float32)
    with pytest.raises(ValueError, match=said):
        ifnet.model(net)
