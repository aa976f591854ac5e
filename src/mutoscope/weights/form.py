"""Whether a file of the owner's is a model of the form that an entry expects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mutoscope.errors import BadInput

FLOATS = ("tensor(float)", "tensor(float16)")


def check_depth(path: Path) -> str:
    """A monocular-depth ONNX: one picture in (N×3×H×W, float), one map out (rank 3 or 4, float).

    Gives its form in words; `BadInput` says what is not as it should be.
    """
    session = _open(path)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    _expect(path, len(inputs) == 1, f"it has {len(inputs)} inputs in place of one picture")
    _expect(path, len(outputs) == 1, f"it has {len(outputs)} outputs in place of one depth map")
    picture, depth = inputs[0], outputs[0]
    _expect(
        path,
        picture.type in FLOATS and len(picture.shape) == 4 and _may_be(picture.shape[1], 3),
        f"its input is {picture.type} {_shape(picture)} in place of floats N×3×H×W",
    )
    _expect(
        path,
        depth.type in FLOATS
        and len(depth.shape) in (3, 4)
        and all(_may_be(channels, 1) for channels in depth.shape[1:-2]),
        f"its output is {depth.type} {_shape(depth)} in place of floats N×H×W",
    )
    return f"{picture.name} {_shape(picture)} → {depth.name} {_shape(depth)}"


#: `form` in the manifest → its check.
CHECKS: dict[str, Callable[[Path], str]] = {"depth": check_depth}


def _may_be(side: object, wanted: int) -> bool:
    """Whether a dimension has the wanted length, or is left open by the model."""
    return side == wanted or not isinstance(side, int)


def _shape(value: Any) -> str:
    return "×".join(str(side) if isinstance(side, int) else "?" for side in value.shape)


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # the reason goes into the error, not onto the terminal
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common class of their own
        why = str(error).splitlines()[0].rpartition(" : ")[2][:120]
        raise BadInput(f"{path} is not an ONNX model that onnxruntime can load: {why}") from None


def _expect(path: Path, holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadInput(f"{path} is not a monocular-depth model: {otherwise}")
