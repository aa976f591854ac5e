"""An ONNX model written by hand: the few protocol buffer messages that a graph of tensors needs.

The `onnx` package would do it in as many lines, and its files change with its version and with that of
protobuf. A model that is known by its SHA-256 needs the same bytes from every machine, so they are
written here: fields in the order of their numbers, and nothing that depends on a hash or a clock. Field
numbers are those of onnx.proto3.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

IR_VERSION, OPSET = 8, 17
_KINDS = {"<f4": 1, "<i8": 7}  # TensorProto.DataType
Attribute = int | float | str | Sequence[int] | Sequence[float]


@dataclass
class Graph:
    """A graph in the making; every method gives back the name of the value that it adds."""

    _nodes: list[bytes] = field(default_factory=list)
    _tensors: dict[str, bytes] = field(default_factory=dict)
    _inputs: list[bytes] = field(default_factory=list)
    _outputs: list[bytes] = field(default_factory=list)

    def input(self, name: str, shape: Sequence[int | str]) -> str:
        """A float32 input; a word in its shape is a side that is free."""
        self._inputs.append(_value(name, shape))
        return name

    def output(self, name: str, shape: Sequence[int | str]) -> str:
        self._outputs.append(_value(name, shape))
        return name

    def constant(self, name: str, values: npt.ArrayLike, kind: str = "<f4") -> str:
        """A tensor in the file; one that is there under this name already is left as it is."""
        if name not in self._tensors:
            self._tensors[name] = _tensor(name, np.ascontiguousarray(values, dtype=kind))
        return name

    def node(self, kind: str, *inputs: str, gives: str = "", **attributes: Attribute) -> str:
        """One operation with one result. An input "" is one that is left out."""
        return self.split(kind, *inputs, gives=(gives or f"v{len(self._nodes)}",), **attributes)[0]

    def split(
        self, kind: str, *inputs: str, gives: Sequence[str], **attributes: Attribute
    ) -> Sequence[str]:
        """One operation with several results, which are named."""
        body = b"".join(_text(1, name) for name in inputs) + b"".join(
            _text(2, name) for name in gives
        )
        body += _text(3, f"n{len(self._nodes)}") + _text(4, kind)
        body += b"".join(
            _part(5, _attribute(name, attributes[name])) for name in sorted(attributes)
        )
        self._nodes.append(body)
        return gives

    def model(self, name: str, about: Mapping[str, str]) -> bytes:
        """The file's bytes. `about` is kept in it as key and value."""
        graph = b"".join(_part(1, node) for node in self._nodes) + _text(2, name)
        graph += b"".join(_part(5, tensor) for tensor in self._tensors.values())
        graph += b"".join(_part(11, value) for value in self._inputs)
        graph += b"".join(_part(12, value) for value in self._outputs)
        model = _number(1, IR_VERSION) + _text(2, "mutoscope") + _part(7, graph)
        model += _part(8, _text(1, "") + _number(2, OPSET))
        return model + b"".join(
            _part(14, _text(1, key) + _text(2, value)) for key, value in about.items()
        )


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sides = b"".join(
        _part(1, _number(1, side) if isinstance(side, int) else _text(2, side)) for side in shape
    )
    tensor = _number(1, _KINDS["<f4"]) + _part(2, sides)
    return _text(1, name) + _part(2, _part(1, tensor))


def _tensor(name: str, values: npt.NDArray[Any]) -> bytes:
    head = b"".join(_number(1, side) for side in values.shape)
    head += _number(2, _KINDS[values.dtype.str]) + _text(8, name)
    return head + _part(9, values.tobytes())


def _attribute(name: str, value: Attribute) -> bytes:
    """AttributeProto; its types: 1 float, 2 int, 3 string, 6 floats, 7 ints."""
    head = _text(1, name)
    if isinstance(value, float):
        return head + _float(2, value) + _number(20, 1)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    if isinstance(value, str):
        return head + _text(4, value) + _number(20, 3)
    if any(isinstance(one, float) for one in value):
        return head + b"".join(_float(7, one) for one in value) + _number(20, 6)
    return head + b"".join(_number(8, int(one)) for one in value) + _number(20, 7)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers as two's complement, as the format has it
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _float(number: int, value: float) -> bytes:
    return _varint(number << 3 | 5) + struct.pack("<f", value)


def _part(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _text(number: int, value: str) -> bytes:
    return _part(number, value.encode())
