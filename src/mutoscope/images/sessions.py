"""Sessions of the learned models: each weights file is opened once in a process, when first asked for."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from mutoscope import weights
from mutoscope.errors import WeightsCorrupt

#: More threads than this gain little on networks this small, and take cores from other takes.
_MOST_THREADS = 4
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
_open: dict[str, tuple[tuple[str, int, int], Session]] = {}


class Session:
    """A model that is ready to run."""

    def __init__(self, model: str) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = min(_MOST_THREADS, len(os.sched_getaffinity(0)))
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Planning all memory ahead is no faster here and takes 1.5 GB instead of 0.9.
        options.enable_mem_pattern = False
        # A waiting thread that spins would take the second core from whatever runs beside the model.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._inner = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    @property
    def inputs(self) -> list[tuple[str, list[int | str | None], str]]:
        """Name, shape (a word or None where a length is free) and type of each input."""
        return [(i.name, list(i.shape), i.type) for i in self._inner.get_inputs()]

    @property
    def outputs(self) -> list[str]:
        return [output.name for output in self._inner.get_outputs()]

    def run(
        self, feeds: Mapping[str, npt.NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> list[npt.NDArray[Any]]:
        """Run once; may be called from several threads."""
        found: Any = self._inner.run(list(outputs) if outputs else None, dict(feeds))
        return [np.asarray(value) for value in found]


def session(name: str) -> Session | None:
    """The session of the weights called `name`, or None where they are not here.

    Raises WeightsCorrupt where the file is no model that onnxruntime can read."""
    path = weights.find(name)
    if path is None:
        return None
    stat = path.stat()
    state = (str(path), stat.st_size, stat.st_mtime_ns)
    with _locks[name]:
        if name in _open and _open[name][0] == state:
            return _open[name][1]
        try:
            opened = Session(str(path))
        except Exception as error:  # onnxruntime's own classes differ between its versions
            raise WeightsCorrupt(
                f"{path} cannot be read as a model; check it with `mutoscope weights verify` and get it "
                f"again with `mutoscope weights fetch {name}`"
            ) from error
        _open[name] = (state, opened)
        return opened
