"""Files as dlib writes networks."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import numpy as np

from mutoscope.weights.dlib_file import Array, Layer
from mutoscope.weights.face_resnet import BLOCKS, WIDTH, kinds

MEAN = (122.5, 117.0, 104.25)


def whole(value: int) -> bytes:
    digits = abs(value).to_bytes(max(1, (abs(value).bit_length() + 7) // 8), "little")
    return bytes([len(digits) | (0x80 if value < 0 else 0)]) + digits


def fraction(value: float) -> bytes:
    power = 0
    while value != int(value):
        value, power = value * 2, power - 1
    return whole(int(value)) + whole(power)


def text(words: str) -> bytes:
    return whole(len(words)) + words.encode()


def tensor(values: Array | None) -> bytes:
    if values is None:
        return whole(2) + whole(0) * 4
    return whole(2) + whole(values.size) + whole(1) * 3 + struct.pack(f"<{values.size}f", *values)


SIDES = whole(1) * 5  # of an alias tensor; nobody reads them
DETAILS = {
    "con_4": lambda layer: tensor(layer.tensor) + _whole(layer.numbers) + SIDES * 2 + fraction(1.0) * 4,
    "affine_": lambda layer: tensor(layer.tensor) + SIDES * 2 + whole(0),
    "max_pool_2": lambda layer: _whole(layer.numbers),
    "avg_pool_2": lambda layer: _whole(layer.numbers),
    "fc_2": lambda layer: _whole(layer.numbers[:2]) + tensor(layer.tensor) + SIDES * 2 + whole(1) + fraction(1.0) * 4,
}  # fmt: skip


def _whole(numbers: Sequence[float]) -> bytes:
    return b"".join(whole(int(one)) for one in numbers)


def file(layers: Iterable[Layer], size: tuple[int, int] = (150, 150)) -> bytes:
    """The bytes of a network of these layers."""
    found = whole(1) + text("loss_metric_2") + fraction(0.5) * 2 + whole(2) * 5 + whole(3)
    found += text("input_rgb_image_sized") + b"".join(map(fraction, MEAN)) + _whole(size)
    for number, layer in enumerate(layers):
        found += text(layer.kind) + DETAILS.get(layer.kind, lambda layer: b"")(layer)
        found += b"110" + tensor(None) * 3 + (b"" if number else whole(1))
    return found


def conv(values: Array, filters: int, side: int, stride: int) -> Layer:
    pad = side // 2 if stride == 1 else 0
    return Layer("con_4", (filters, side, side, stride, stride, pad, pad), values)


def network(seed: int = 0) -> list[Layer]:
    """dlib's layers with other numbers in them."""
    draw = np.random.default_rng(seed)
    inputs, filters = [3], [32]
    for width, _ in BLOCKS:
        inputs += [filters[-1], width]
        filters += [width, width]
    strides = [2, *(stride for _, first in BLOCKS for stride in (first, 1))]
    convs = iter(range(len(filters)))
    last = 0
    made = []
    for kind in kinds():
        if kind == "con_4":
            last = next(convs)
            side = 3 if last else 7
            count = filters[last] * (inputs[last] * side * side + 1)
            scale = (inputs[last] * side * side) ** -0.5
            values = draw.standard_normal(count, np.float32) * np.float32(scale)
            made.append(conv(values, filters[last], side, strides[last]))
        elif kind == "affine_":
            made.append(Layer(kind, (0,), draw.random(2 * filters[last], np.float32)))
        elif kind == "fc_2":
            made.append(Layer(kind, (WIDTH, 256, 1), draw.standard_normal(256 * WIDTH, np.float32)))
        else:
            made.append(Layer(kind, (3, 3, 2, 2, 0, 0) if "pool" in kind else (), None))
    return made
