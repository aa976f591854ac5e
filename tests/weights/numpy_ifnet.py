"""IFNet worked out step by step in numpy, as its paper and its authors' code have it: slow, and plain."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float64]  # channels×h×w
Tensors = dict[str, npt.NDArray[np.float32]]
SCALES = (8, 4, 2, 1)


def tensors(width: int = 4, steps: int = 2) -> Tensors:
    """Weights of a network of `width` channels, by the original's names: noise of whole numbers, the
    same with every version of numpy."""
    made: Tensors = {}

    def noise(shape: tuple[int, ...], size: float) -> npt.NDArray[np.float32]:
        number = np.arange(int(np.prod(shape)), dtype=np.int64) + 7001 * len(made)
        number = (number * 1103515245 + 12345) % 2147483648 // 65536 % 2001
        return ((number - 1000) * (size / 1000)).astype(np.float32).reshape(shape)

    def layer(name: str, shape: tuple[int, ...], out: int, size: float) -> None:
        made[f"{name}.weight"] = noise(shape, size)
        made[f"{name}.bias"] = noise((out,), size)

    for number in range(len(SCALES)):
        block = f"block{number}"
        layer(f"{block}.conv0.0.0", (width // 2, 12 if number else 7, 3, 3), width // 2, 0.25)
        layer(f"{block}.conv0.1.0", (width, width // 2, 3, 3), width, 0.5)
        for step in range(steps):
            made[f"{block}.convblock.{step}.beta"] = noise((1, width, 1, 1), 1.0)
            layer(f"{block}.convblock.{step}.conv", (width, width, 3, 3), width, 0.375)
        layer(f"{block}.lastconv.0", (width, 24, 4, 4), 24, 0.5)
    return made


def motion(net: Tensors, first: Map, last: Map, time: float) -> tuple[Map, Map]:
    """The motion (4×h×w, pixels) and the mask's logit (1×h×w) between two pictures 3×h×w, 0..1."""
    everywhere = np.full((1, *first.shape[1:]), time)
    flow, mask = np.zeros(0), np.zeros(0)
    for number, scale in enumerate(SCALES):
        block = {
            name.removeprefix(f"block{number}."): tensor
            for name, tensor in net.items()
            if name.startswith(f"block{number}.")
        }
        if number == 0:
            flow, mask = _block(block, np.concatenate([first, last, everywhere]), None, scale)
            continue
        seen = np.concatenate([_warp(first, flow[:2]), _warp(last, flow[2:]), everywhere, mask])
        step, more = _block(block, seen, flow, scale)
        flow, mask = flow + step, mask + more
    return flow, mask


def _block(net: Tensors, seen: Map, flow: Map | None, scale: int) -> tuple[Map, Map]:
    seen = _resize(seen, 1 / scale)
    if flow is not None:
        seen = np.concatenate([seen, _resize(flow, 1 / scale) / scale])
    for layer in ("conv0.0.0", "conv0.1.0"):
        seen = _leaky(_conv(seen, net[f"{layer}.weight"], net[f"{layer}.bias"], 2))
    for step in range(sum(name.endswith("beta") for name in net)):
        name = f"convblock.{step}"
        moved = _conv(seen, net[f"{name}.conv.weight"], net[f"{name}.conv.bias"], 1)
        seen = _leaky(moved * net[f"{name}.beta"][0] + seen)
    made = _unfolded(_conv_back(seen, net["lastconv.0.weight"], net["lastconv.0.bias"]))
    made = _resize(made, scale)
    return made[:4] * scale, made[4:5]


def _leaky(values: Map) -> Map:
    return np.where(values > 0, values, 0.2 * values)


def _conv(
    values: Map, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32], stride: int
) -> Map:
    around = np.pad(values, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(1, 2))
    found: Map = np.einsum("chwij,ocij->ohw", windows[:, ::stride, ::stride], weight)
    return found + np.asarray(bias)[:, None, None]


def _conv_back(values: Map, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> Map:
    """A transposed convolution, 4×4, stride 2, padding 1: every pixel stamps its kernel."""
    _, height, width = values.shape
    out = np.zeros((weight.shape[1], 2 * height + 2, 2 * width + 2))
    for y in range(height):
        for x in range(width):
            stamp = np.tensordot(values[:, y, x], weight, axes=(0, 0))
            out[:, 2 * y : 2 * y + 4, 2 * x : 2 * x + 4] += stamp
    return out[:, 1:-1, 1:-1] + np.asarray(bias)[:, None, None]


def _unfolded(values: Map) -> Map:
    """Every four channels become one of twice the sides."""
    channels, height, width = values.shape
    parts = values.reshape(channels // 4, 2, 2, height, width)
    return parts.transpose(0, 3, 1, 4, 2).reshape(channels // 4, 2 * height, 2 * width)


def _resize(values: Map, factor: float) -> Map:
    """Bilinear, a pixel being an area; the border goes on."""
    _, height, width = values.shape
    y = np.clip((np.arange(round(height * factor)) + 0.5) / factor - 0.5, 0, height - 1)
    x = np.clip((np.arange(round(width * factor)) + 0.5) / factor - 0.5, 0, width - 1)
    return _read(values, *np.meshgrid(x, y))


def _warp(picture: Map, way: Map) -> Map:
    _, height, width = picture.shape
    y, x = np.mgrid[:height, :width].astype(np.float64)
    return _read(picture, np.clip(x + way[0], 0, width - 1), np.clip(y + way[1], 0, height - 1))


def _read(values: Map, x: Map, y: Map) -> Map:
    _, height, width = values.shape
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = x - i, y - j
    right, below = np.minimum(i + 1, width - 1), np.minimum(j + 1, height - 1)
    top = (1 - u) * values[:, j, i] + u * values[:, j, right]
    bottom = (1 - u) * values[:, below, i] + u * values[:, below, right]
    return np.asarray((1 - v) * top + v * bottom, np.float64)
