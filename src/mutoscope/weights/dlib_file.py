"""Read the layers of a network that dlib saved, without dlib.

dlib writes a network from its outside in: the loss, then a version number for each layer, then the input,
and from there every layer with its details, the first to run first. Whole numbers are a byte of length
and sign and that many bytes, little-endian; a fraction is a mantissa and a power of two; a tensor is four
sides and its numbers. Which layers feed which is in no file: that is known by who made the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

#: What a layer writes of itself: i whole number, f fraction, t tensor, a the sides of a part of one.
DETAILS = {
    "con_4": "tiiiiiiiaaffff",  # parameters; filters, rows, columns, strides, paddings; filters, biases
    "affine_": "taai",  # parameters; gamma, beta; 0: one for each channel
    "relu_": "",
    "max_pool_2": "iiiiii",  # rows, columns, strides, paddings; 0×0: everything
    "avg_pool_2": "iiiiii",
    "add_prev_": "",
    "fc_2": "iitaaiffff",  # outputs, inputs; parameters; weights, biases; 1: no bias
}
#: After its details: whether it was set up and two more of the like, then what training left.
AFTER = "bbbttt"
LOSS, INPUT = "loss_metric_2", "input_rgb_image_sized"
#: A layer's version is one of these; the length of the input's name, which follows them, is not.
VERSIONS = (1, 2, 3)
#: Numbers of a tensor, and layers of a network, that are read.
MOST, MOST_LAYERS = 1 << 26, 2000


class NotNetwork(ValueError):
    """The file is no network of dlib's that is known here; the message says why."""


@dataclass(frozen=True, slots=True)
class Layer:
    """`numbers`: its whole numbers and fractions in order; `tensor`: its parameters, flat, or None."""

    kind: str
    numbers: tuple[float, ...]
    tensor: Array | None


@dataclass(frozen=True, slots=True)
class Network:
    """`mean` is taken from the picture's red, green and blue (0..255); `size` is height, width."""

    mean: tuple[float, float, float]
    size: tuple[int, int]
    layers: tuple[Layer, ...]


def read_network(path: Path) -> Network:
    """The layers in the order in which they run. Raises NotNetwork."""
    file = _File(path.read_bytes())
    if file.whole() not in VERSIONS or file.text() != LOSS:
        raise NotNetwork("it does not begin as a network that learned distances")
    file.fraction(), file.fraction()  # margin and threshold of the loss
    while (length := file.whole()) in VERSIONS:
        pass
    if file.name(length) != INPUT:
        raise NotNetwork("its input is no picture of a fixed size")
    mean = file.fraction(), file.fraction(), file.fraction()
    size = file.whole(), file.whole()
    layers: list[Layer] = []
    while not file.ended and len(layers) < MOST_LAYERS:
        layers.append(_layer(file))
        if len(layers) == 1:
            file.whole()  # how many rows of the input one picture becomes
    return Network(mean, size, tuple(layers))


def _layer(file: _File) -> Layer:
    kind = file.text()
    if kind not in DETAILS:
        raise NotNetwork(f"it has a layer {kind!r:.40}, which is not known here")
    told = [file.one(code) for code in DETAILS[kind]]
    for code in AFTER:
        file.one(code)
    tensor = next((one for one in told if isinstance(one, np.ndarray)), None)
    return Layer(kind, tuple(one for one in told if isinstance(one, int | float)), tensor)


class _File:
    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    @property
    def ended(self) -> bool:
        return self._at == len(self._content)

    def _take(self, length: int) -> bytes:
        taken = self._content[self._at : self._at + length]
        if len(taken) != length:
            raise NotNetwork("it breaks off")
        self._at += length
        return taken

    def whole(self) -> int:
        head = self._take(1)[0]
        length = head & 0x0F
        if head & 0x70 or not 1 <= length <= 8:
            raise NotNetwork(f"it has no whole number at byte {self._at - 1:,}")
        value = int.from_bytes(self._take(length), "little")
        return -value if head & 0x80 else value

    def fraction(self) -> float:
        mantissa, power = self.whole(), self.whole()
        if abs(power) > 1000:
            raise NotNetwork(f"it has no sound fraction before byte {self._at:,}")
        return float(mantissa * 2.0**power)

    def text(self) -> str:
        return self.name(self.whole())

    def name(self, length: int) -> str:
        if not 0 < length < 64:
            raise NotNetwork(f"it has no name before byte {self._at:,}")
        return self._take(length).decode("ascii", "replace")

    def tensor(self) -> Array:
        if self.whole() != 2:
            raise NotNetwork(f"it has no tensor before byte {self._at:,}")
        count = 1
        for _ in range(4):
            count *= self.whole()
        if not 0 <= count <= MOST:
            raise NotNetwork(f"it has a tensor of {count:,} numbers")
        return np.frombuffer(self._take(4 * count), "<f4").astype(np.float32)

    def one(self, code: str) -> Any:
        match code:
            case "i":
                return self.whole()
            case "f":
                return self.fraction()
            case "t":
                return self.tensor()
            case "a":
                return tuple(self.whole() for _ in range(5))  # a version and four sides
            case _:
                return self._take(1) == b"1"
