"""LPIPS on AlexNet's features, version 0.1, as an ONNX graph: from two pictures to how different they look.

Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (CVPR 2018). Both
pictures go through AlexNet; after each of its five rectifiers every place's features are brought to length
1, their squared difference is weighed by what was learned from people's judgements, and the five means
are added up.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope.weights.onnx_file import Graph

#: Kernel, stride and padding of AlexNet's convolutions; a pooling comes before the second and third.
LAYERS = ((11, 4, 2), (5, 1, 2), (3, 1, 1), (3, 1, 1), (3, 1, 1))
POOLED = (1, 2)
WIDTHS = (3, 64, 192, 384, 256, 256)
#: What LPIPS takes from a picture of -1..1, and divides it by.
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
NEVER_NIL = 1e-10
#: Bytes of the file that are read: four million numbers are ten megabytes.
MOST = 1 << 24
ABOUT = {
    "title": "LPIPS 0.1, AlexNet",
    "inputs": "one, other: 1x3xhxw RGB 0..1, sides of 64 and more",
    "outputs": "distance: 1x1x1x1, 0 for the same picture",
    "licence": "BSD-2-Clause, Copyright (c) 2018 Zhang, Isola, Efros, Shechtman, Wang; AlexNet's weights "
    "BSD-3-Clause, Copyright (c) Soumith Chintala 2016",
}
Tree = dict[str, Any]


def convert(raw: Path, out: Path) -> None:
    """The pickled parameters `raw` → the ONNX model `out`, the same bytes every time. Raises ValueError
    where `raw` is something else."""
    out.write_bytes(model(read(raw)))


def model(tree: Tree) -> bytes:
    """The ONNX file for the parameters, by their names in the original."""
    graph = Graph()
    pictures = [graph.input(name, (1, 3, "h", "w")) for name in ("one", "other")]
    layers = activations(graph, tree, graph.node("Concat", *pictures, axis=0))
    parts = [_difference(graph, tree, number, value) for number, value in enumerate(layers)]
    whole = parts[0]
    for number, part in enumerate(parts[1:], 1):
        whole = graph.node("Add", whole, part, gives="distance" if number == len(parts) - 1 else "")
    graph.output("distance", (1, 1, 1, 1))
    return graph.model("LPIPS", ABOUT)


def activations(graph: Graph, tree: Tree, value: str) -> Iterator[str]:
    """What each of AlexNet's five rectifiers gives for pictures of 0..1, one layer after the other."""
    shift, scale = (np.reshape(np.array(one, np.float32), (1, 3, 1, 1)) for one in (SHIFT, SCALE))
    value = graph.node("Mul", value, graph.constant("scale", 2 / scale))
    value = graph.node("Add", value, graph.constant("shift", -(1 + shift) / scale))
    for number, (side, stride, pad) in enumerate(LAYERS):
        if number in POOLED:
            value = graph.node("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2])
        weight, bias = _layer(tree, number)
        value = graph.node(
            "Conv", value, graph.constant(f"conv{number}.weight", weight),
            graph.constant(f"conv{number}.bias", bias),
            kernel_shape=[side, side], strides=[stride, stride], pads=[pad] * 4,
        )  # fmt: skip
        value = graph.node("Relu", value)
        yield value


def _difference(graph: Graph, tree: Tree, number: int, value: str) -> str:
    """1×1×1×1: what the two pictures' features of one layer differ by."""
    length = graph.node("ReduceL2", value, axes=[1], keepdims=1)
    length = graph.node("Add", length, graph.constant("never_nil", np.float32(NEVER_NIL)))
    names = (f"unit{number}.one", f"unit{number}.other")
    unit = graph.node("Div", value, length)
    one, other = graph.split(
        "Split", unit, graph.constant("one_one", [1, 1], "<i8"), gives=names, axis=0
    )
    off = graph.node("Sub", one, other)
    head = _found(tree, f"NetLinLayer_{number}", "Conv_0", "kernel")
    if head.shape != (1, 1, WIDTHS[number + 1], 1):
        raise ValueError(f"its head {number} has the shape {head.shape}, which LPIPS has not")
    weighed = graph.node(
        "Conv", graph.node("Mul", off, off),
        graph.constant(f"head{number}", head.transpose(3, 2, 0, 1)), kernel_shape=[1, 1],
    )  # fmt: skip
    return graph.node("ReduceMean", weighed, axes=[2, 3], keepdims=1)


def _layer(tree: Tree, number: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    side = LAYERS[number][0]
    weight = _found(tree, "AlexNet_0", f"Conv_{number}", "kernel")
    bias = _found(tree, "AlexNet_0", f"Conv_{number}", "bias")
    if weight.shape != (side, side, WIDTHS[number], WIDTHS[number + 1]):
        raise ValueError(f"its layer {number} has the shape {weight.shape}, which AlexNet has not")
    return weight.transpose(3, 2, 0, 1), bias


def _found(tree: Tree, *names: str) -> npt.NDArray[np.float32]:
    value: Any = tree
    for name in names:
        if not isinstance(value, dict) or name not in value:
            raise ValueError(f"it has no {'.'.join(names)}, which LPIPS on AlexNet has")
        value = value[name]
    if not isinstance(value, np.ndarray) or value.dtype != np.float32:
        raise ValueError(f"its {'.'.join(names)} is no array of float32")
    return value


def read(path: Path) -> Tree:
    """Arrays by name, from a pickle of nested dictionaries; nothing in it is run. Raises ValueError."""
    try:
        with path.open("rb") as file:
            found = _Reader(io.BytesIO(file.read(MOST))).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, TypeError, IndexError) as error:
        raise ValueError(f"it is no pickle of arrays ({error})") from None
    if not isinstance(found, dict):
        raise ValueError("it holds something other than arrays by name")
    return found


class _Reader(pickle.Unpickler):
    """A pickle may name any function to be called; this reader knows what arrays are made of and stops
    at every other name."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _reconstruct
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        raise ValueError(f"it asks for {module}.{name}, which no array needs")


def _reconstruct(kind: object, shape: object, code: object) -> npt.NDArray[Any]:
    """An empty array, which the pickle then fills."""
    if kind is not np.ndarray:
        raise ValueError(f"it makes a {kind!r:.60}, which is no array")
    return np.ndarray.__new__(np.ndarray, (0,), np.int8)
