"""dlib's face recognition network: read from dlib's own file, nothing run, always the same model."""

from __future__ import annotations

from pathlib import Path

import dlib_files
import numpy as np
import onnxruntime as ort
import pytest

from mutoscope.weights.dlib_file import Layer, NotNetwork, read_network
from mutoscope.weights.face_resnet import convert

SMALL = [
    dlib_files.conv(np.arange(4 * (3 * 9 + 1), dtype=np.float32), 4, 3, 1),
    Layer("affine_", (0,), np.arange(8, dtype=np.float32)),
    Layer("relu_", (), None),
    Layer("avg_pool_2", (2, 2, 2, 2, 0, 0), None),
    Layer("fc_2", (2, 4, 1), np.arange(8, dtype=np.float32)),
]


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "raw.dat"
    path.write_bytes(content)
    return path


def test_layers_are_read_in_the_order_in_which_they_run(tmp_path: Path) -> None:
    found = read_network(written(tmp_path, dlib_files.file(SMALL, (20, 30))))
    assert found.mean == dlib_files.MEAN
    assert found.size == (20, 30)
    assert [one.kind for one in found.layers] == [one.kind for one in SMALL]
    for one, other in zip(found.layers, SMALL, strict=True):
        assert one.numbers[: len(other.numbers)] == other.numbers
        if other.tensor is None:
            assert one.tensor is None
        else:
            np.testing.assert_array_equal(one.tensor, other.tensor)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw[:-1], "breaks off"),
        (lambda raw: raw[:40], "breaks off"),
        (lambda raw: b"", "breaks off"),
        (lambda raw: raw.replace(b"loss_metric_2", b"loss_binary_2"), "does not begin"),
        (lambda raw: raw.replace(b"input_rgb_image_sized", b"input_rgb_image_thing"), "no picture"),
        (lambda raw: raw.replace(b"relu_", b"prelu"), "a layer 'prelu', which is not known"),
        (lambda raw: raw.replace(b"con_4\x01\x02", b"con_4\x01\x07"), "no tensor"),
        (lambda raw: b"\x7f" + raw, "no whole number at byte 0"),
        (lambda raw: raw.replace(b"con_4\x01\x02\x01\x70", b"con_4\x01\x02\x04\x70\xff\xff\xff"), "numbers"),
    ],
)  # fmt: skip
def test_what_is_no_network_of_dlibs_is_refused(tmp_path: Path, change: object, said: str) -> None:
    raw = dlib_files.file(SMALL)
    changed = change(raw)  # type: ignore[operator]
    assert changed != raw
    with pytest.raises(NotNetwork, match=said):
        read_network(written(tmp_path, changed))


def test_another_network_of_dlibs_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "net.onnx"
    with pytest.raises(ValueError, match="not those of dlib's face recognition network"):
        convert(written(tmp_path, dlib_files.file(SMALL)), out)
    assert not out.exists()
    layers = dlib_files.network()
    assert layers[0].tensor is not None
    for first, said in (
        (dlib_files.conv(layers[0].tensor, 32, 7, 1), "other sides"),
        (dlib_files.conv(layers[0].tensor[:-1], 32, 7, 2), "not the 4,736 numbers"),
    ):
        with pytest.raises(ValueError, match=said):
            convert(written(tmp_path, dlib_files.file([first, *layers[1:]])), out)


def test_the_model_is_the_same_every_time_and_tells_faces_apart(tmp_path: Path) -> None:
    raw = written(tmp_path, dlib_files.file(dlib_files.network()))
    models = []
    for name in ("one.onnx", "other.onnx"):
        convert(raw, tmp_path / name)
        models.append((tmp_path / name).read_bytes())
    assert models[0] == models[1]
    network = ort.InferenceSession(models[0], providers=["CPUExecutionProvider"])
    faces = np.random.default_rng(1).random((2, 3, 150, 150), dtype=np.float32) * 255
    found = np.asarray(network.run(None, {"face": faces})[0])
    assert found.shape == (2, 128)
    assert np.isfinite(found).all()
    alone = np.asarray(network.run(None, {"face": faces[1:]})[0])
    np.testing.assert_allclose(found[1:], alone, rtol=1e-4, atol=1e-5)
    assert np.abs(found[0] - found[1]).max() > 1e-3
