"""A model of one node, written byte by byte: the mean of the colour channels, times a factor of one."""

from __future__ import annotations


def channel_mean(height: int | str = "h", width: int | str = "w", kind: int = 1) -> bytes:
    """ONNX bytes: float (or `kind`) 1×3×height×width in, float 1×height×width out."""
    node = (
        _text(1, "picture") + _text(2, "near") + _text(4, "ReduceMean")
        + _part(5, _text(1, "axes") + _number(8, 1) + _number(20, 7))
        + _part(5, _text(1, "keepdims") + _number(3, 0) + _number(20, 2))
    )  # fmt: skip
    graph = (
        _part(1, node)
        + _text(2, "tiny")
        + _part(11, _value("picture", kind, (1, 3, height, width)))
        + _part(12, _value("near", kind, (1, height, width)))
    )
    return _number(1, 8) + _part(7, graph) + _part(8, _text(1, "") + _number(2, 13))


def _value(name: str, kind: int, shape: tuple[int | str, ...]) -> bytes:
    dims = b"".join(
        _part(1, _number(1, side) if isinstance(side, int) else _text(2, side)) for side in shape
    )
    return _text(1, name) + _part(2, _part(1, _number(1, kind) + _part(2, dims)))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())
