"""Tensors that torch saved are read without torch, and nothing in the file is run."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from torch_files import pickled, saved

from mutoscope.weights.torch_file import NotTensors, read_tensors


def test_tensors_come_back_with_name_shape_and_values(tmp_path: Path) -> None:
    given = {
        "a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        "a.bias": np.array([1.5, -2.0], np.float32),
        "scale": np.float32(3) + np.zeros((), np.float32),
    }
    found = read_tensors(saved(tmp_path / "net.pkl", given))
    assert list(found) == list(given)
    assert all((found[name] == given[name]).all() for name in given)
    assert [one.shape for one in found.values()] == [(2, 3, 4), (2,), ()]


class Shell:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch /tmp/should-never-be-there",)


def test_nothing_in_the_file_is_run(tmp_path: Path) -> None:
    with pytest.raises(NotTensors, match=r"asks for posix\.system"):
        read_tensors(pickled(tmp_path / "net.pkl", Shell()))
    tensors = {"a": np.zeros(2, np.float32)}
    with pytest.raises(NotTensors, match=r"asks for builtins\.print"):
        read_tensors(saved(tmp_path / "net.pkl", tensors, call="builtins print"))


@pytest.mark.parametrize("thing", [{"a": 1}, ["a"], {1: "a"}])
def test_only_tensors_by_name(tmp_path: Path, thing: object) -> None:
    with pytest.raises(NotTensors, match="something other than tensors"):
        read_tensors(pickled(tmp_path / "net.pkl", thing))


def test_files_that_are_something_else(tmp_path: Path) -> None:
    path = tmp_path / "net.pkl"
    path.write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(NotTensors, match=r"no file of torch\.save"):
        read_tensors(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme", "nothing")
    with pytest.raises(NotTensors, match=r"no data\.pkl"):
        read_tensors(path)
    whole = saved(path, {"a": np.zeros((4, 2), np.float32)})
    kept = zipfile.ZipFile(whole).read("net/data.pkl")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", kept)
        archive.writestr("net/data/0", b"\0" * 8)
    with pytest.raises(NotTensors, match="storage 0 has 8 bytes"):
        read_tensors(path)


def test_a_tensor_that_is_a_view_is_refused(tmp_path: Path) -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    with pytest.raises(NotTensors, match="does not lie in one piece"):
        read_tensors(saved(tmp_path / "net.pkl", {"a": turned}))
