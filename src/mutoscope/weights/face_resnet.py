"""dlib's face recognition network, version 1, as an ONNX graph: from a face to 128 numbers.

Davis King, "High Quality Face Recognition with Deep Metric Learning" (dlib's blog, 2017): a residual
network of 29 convolutions, trained so that two pictures of one person lie less than 0.6 apart. Which
layer feeds which is in dlib's example dnn_face_recognition_ex.cpp: every second convolution is added to
what went into the first of the two; where that one has a stride, a mean of 2×2 pixels was added. Sides
and channels that one of the two lacks count as nil.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from mutoscope.weights.dlib_file import Layer, Network, read_network
from mutoscope.weights.onnx_file import Graph

#: Filters of each pair of convolutions; those with a stride halve the picture.
BLOCKS = (
    (32, 1), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1), (64, 1), (128, 2), (128, 1), (128, 1),
    (256, 2), (256, 1), (256, 1), (256, 2),
)  # fmt: skip
SIDE, WIDTH = 150, 128
SCALE = 256.0  # dlib divides what is left of a picture by it
ABOUT = {
    "title": "dlib face recognition ResNet v1",
    "inputs": "face: nx3x150x150 RGB 0..255, upright, eyes and nose at dlib's places",
    "outputs": "embedding: nx128; one person's lie under 0.6 apart",
    "licence": "CC0-1.0, by Davis King",
}
#: Kinds of layers, in the order in which they are written.
_PAIR = ("con_4", "affine_", "relu_", "con_4", "affine_")
_FIRST = ("con_4", "affine_", "relu_", "max_pool_2")
_LAST = ("avg_pool_2", "fc_2")


def kinds() -> tuple[str, ...]:
    """What the file must hold, layer by layer."""
    found = list(_FIRST)
    for _, stride in BLOCKS:
        found += [*_PAIR, *(("avg_pool_2",) if stride == 2 else ()), "add_prev_", "relu_"]
    return (*found, *_LAST)


def convert(raw: Path, out: Path) -> None:
    """dlib's file `raw` → the ONNX model `out`, the same bytes every time. Raises ValueError where `raw`
    is something else."""
    out.write_bytes(model(read_network(raw)))


def model(network: Network) -> bytes:
    """The ONNX file for the network. Raises ValueError where it is another one."""
    if tuple(layer.kind for layer in network.layers) != kinds() or network.size != (SIDE, SIDE):
        raise ValueError("its layers are not those of dlib's face recognition network")
    graph, layers = Graph(), list(network.layers)
    value = graph.input("face", ("n", 3, SIDE, SIDE))
    mean = np.reshape(np.array(network.mean, np.float32), (1, 3, 1, 1))
    value = graph.node("Sub", value, graph.constant("mean", mean))
    value = graph.node("Div", value, graph.constant("scale", np.float32(SCALE)))
    side = (SIDE - 7) // 2 + 1
    value = graph.node("Relu", _conv(graph, layers, value, "first", 3, 32, 7, 2))
    del layers[:2]  # the rectifier and the pooling
    side = (side - 3) // 2 + 1
    value = graph.node("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2])
    width = 32
    for number, (filters, stride) in enumerate(BLOCKS):
        before, was = value, side
        name = f"block{number}"
        value = _conv(graph, layers, value, f"{name}.one", width, filters, 3, stride)
        del layers[0]
        value = graph.node("Relu", value)
        value = _conv(graph, layers, value, f"{name}.other", filters, filters, 3, 1)
        if stride == 2:
            del layers[0]
            side, pooled = (was - 3) // 2 + 1, (was - 2) // 2 + 1
            before = graph.node("AveragePool", before, kernel_shape=[2, 2], strides=[2, 2])
            before = _wider(graph, before, filters - width, 0)
            value = _wider(graph, value, 0, pooled - side)
            side = pooled
        del layers[:2]  # the sum and the rectifier
        value = graph.node("Relu", graph.node("Add", value, before))
        width = filters
    value = graph.node("ReduceMean", value, axes=[2, 3], keepdims=0)
    weights = _numbers(layers[-1], WIDTH * width).reshape(width, WIDTH)
    graph.node("MatMul", value, graph.constant("last", weights), gives="embedding")
    graph.output("embedding", ("n", WIDTH))
    return graph.model("dlib face recognition", ABOUT)


def _conv(
    graph: Graph, layers: list[Layer], value: str, name: str, inputs: int, filters: int, side: int,
    stride: int,
) -> str:  # fmt: skip
    """A convolution and what scales its channels, as one; both are taken from `layers`."""
    conv, scaled = layers.pop(0), layers.pop(0)
    pad = side // 2 if stride == 1 else 0
    if conv.numbers[:7] != (filters, side, side, stride, stride, pad, pad):
        raise ValueError(f"its convolution {name} has other sides than dlib's network")
    count = filters * inputs * side * side
    numbers = _numbers(conv, count + filters).astype(np.float64)
    gamma, beta = np.split(_numbers(scaled, 2 * filters).astype(np.float64), 2)
    kernel = numbers[:count].reshape(filters, inputs, side, side) * gamma[:, None, None, None]
    return graph.node(
        "Conv", value, graph.constant(f"{name}.weight", kernel),
        graph.constant(f"{name}.bias", numbers[count:] * gamma + beta),
        kernel_shape=[side, side], strides=[stride, stride], pads=[pad] * 4,
    )  # fmt: skip


def _wider(graph: Graph, value: str, channels: int, sides: int) -> str:
    """With nil for `channels` more, and `sides` rows and columns more, at the end."""
    if not channels and not sides:
        return value
    pads = [0, 0, 0, 0, 0, channels, sides, sides]
    return graph.node("Pad", value, graph.constant(f"wider{channels}.{sides}", pads, "<i8"))


def _numbers(layer: Layer, count: int) -> npt.NDArray[np.float32]:
    if layer.tensor is None or layer.tensor.size != count:
        raise ValueError(f"its layer {layer.kind} has not the {count:,} numbers of dlib's network")
    return layer.tensor
