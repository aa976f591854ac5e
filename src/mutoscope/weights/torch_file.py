"""Read the tensors of a file that `torch.save` wrote, without torch and without running anything in it.

Such a file is a zip: `NAME/data.pkl`, a pickle of the tensors' shapes, and `NAME/data/0…`, their bytes.
A pickle may name any function to be called; this reader knows three names and stops at every other.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

Tensors = dict[str, npt.NDArray[np.float32]]

#: Bytes of `data.pkl` that are read: a list of shapes is some tens of kilobytes.
MOST_PICKLE = 1 << 22


class NotTensors(ValueError):
    """The file is not a dictionary of float32 tensors saved by torch; the message says why."""


def read_tensors(path: Path) -> Tensors:
    """The float32 tensors of a state dictionary, by name, in the file's order. Raises NotTensors."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _Reader(archive).read()
    except (zipfile.BadZipFile, pickle.UnpicklingError, KeyError, EOFError) as error:
        raise NotTensors(f"it is no file of torch.save ({error})") from None


class _Reader(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile):
        self._archive = archive
        pickled = next(
            (one for one in archive.infolist() if one.filename.endswith("/data.pkl")), None
        )
        if pickled is None or pickled.file_size > MOST_PICKLE:
            raise NotTensors("it has no data.pkl of a sound size")
        self._folder = pickled.filename.removesuffix("data.pkl") + "data/"
        super().__init__(io.BytesIO(archive.read(pickled)))

    def read(self) -> Tensors:
        found = self.load()
        if not isinstance(found, dict) or not all(
            isinstance(name, str) and isinstance(tensor, np.ndarray)
            for name, tensor in found.items()
        ):
            raise NotTensors("it holds something other than tensors by name")
        return dict(found)

    def find_class(self, module: str, name: str) -> Any:
        known: dict[tuple[str, str], Callable[..., Any] | str] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch", "FloatStorage"): "float32",
        }
        if (module, name) not in known:
            raise NotTensors(f"it asks for {module}.{name}, which no tensor needs")
        return known[module, name]

    def persistent_load(self, pid: Any) -> npt.NDArray[np.float32]:
        match pid:
            case ("storage", "float32", str(key), str(), int(length)) if key.isdigit():
                stored = self._archive.getinfo(self._folder + key)
                if stored.file_size != 4 * length:
                    raise NotTensors(f"its storage {key} has {stored.file_size:,} bytes")
                return np.frombuffer(self._archive.read(stored), "<f4")
        raise NotTensors(f"it refers to {pid!r:.80}, which is no float32 storage")


def _tensor(
    storage: npt.NDArray[np.float32], offset: int, shape: tuple[int, ...], stride: tuple[int, ...],
    *rest: Any,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """A tensor that lies in one piece in its storage."""
    length = math.prod(shape)
    whole = tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))
    if stride != whole or offset < 0 or offset + length > len(storage):
        _refuse(f"it has a tensor {shape} that does not lie in one piece")
    return storage[offset : offset + length].reshape(shape)


def _refuse(why: str) -> NoReturn:
    raise NotTensors(why)
