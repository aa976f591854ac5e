"""Files as torch saves them, written without torch: a zip of a pickle and of the tensors' bytes."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

Tensors = Mapping[str, npt.NDArray[np.float32]]


def saved(path: Path, tensors: Tensors, call: str = "torch._utils _rebuild_tensor_v2") -> Path:
    """`tensors` at `path`; `call` is what the pickle asks to be called for each."""
    body = b"\x80\x02ccollections\nOrderedDict\n)R("
    for number, (name, tensor) in enumerate(tensors.items()):
        module, _, function = call.partition(" ")
        strides = tuple(side // 4 for side in tensor.strides)
        body += _text(name) + f"c{module}\n{function}\n(".encode()
        body += b"(" + _text("storage") + b"ctorch\nFloatStorage\n"
        body += _text(str(number)) + _text("cuda:0") + _number(tensor.size) + b"tQ"
        body += _number(0) + _tuple(tensor.shape) + _tuple(strides) + b"\x89"
        body += b"ccollections\nOrderedDict\n)RtR"
    body += b"u."
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", body)
        for number, tensor in enumerate(tensors.values()):
            archive.writestr(f"net/data/{number}", np.ascontiguousarray(tensor).tobytes())
    return path


def pickled(path: Path, thing: object) -> Path:
    """A file of the same form with any pickle in it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", pickle.dumps(thing, protocol=2))
    return path


def _text(value: str) -> bytes:
    return b"X" + len(value).to_bytes(4, "little") + value.encode()


def _number(value: int) -> bytes:
    return b"J" + value.to_bytes(4, "little", signed=True)


def _tuple(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(_number, values)) + b"t"
