"""IFNet, the network of RIFE 4.6, as an ONNX graph: from two pictures and a time to motion.

Huang et al., "Real-Time Intermediate Flow Estimation for Video Frame Interpolation" (ECCV 2022), in the
form of Practical-RIFE 4.6. Four blocks, each on a larger copy of the pictures (an eighth, a quarter, half,
whole), correct the motion that the ones before it found, on pictures warped by that motion.

What is learned is taken over exactly and written more plainly: a block's step is
x → leaky(β·conv(x) + x), which is one convolution with β in its weights and 1 added to each channel's
own middle weight; the factor from a block's scale to pixels goes into the weights that make the motion;
the sixth channel, which nothing reads, is left out. The pictures themselves are not made here: whoever
asks for the motion warps them, at any size.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mutoscope.weights.onnx_file import Graph
from mutoscope.weights.torch_file import Tensors, read_tensors

#: A block's scale: the side of the picture by the side of the copy that it works on.
SCALES = (8, 4, 2, 1)
#: Sides of the pictures must be a multiple of this: an eighth, halved twice, is still whole.
MULTIPLE = 32
SLOPE = 0.2  # of the leaky rectifier
ABOUT = {
    "title": "IFNet of RIFE 4.6, motion only",
    "inputs": "first, last: 1x3xhxw RGB 0..1, sides multiples of 32; time: 1x1x1x1, 0..1",
    "outputs": "flow: 1x4xhxw, pixels from a place at that time to the first picture (x, y) and to the last; "
    "mask: 1x1xhxw, logit of the first picture's share",
    "licence": "MIT, Copyright (c) 2021 hzwer; repository hzwer/Practical-RIFE",
}


def convert(raw: Path, out: Path) -> None:
    """The state dictionary `raw` of RIFE 4.6 → the ONNX model `out`, the same bytes every time.
    Raises ValueError where `raw` is something else."""
    out.write_bytes(model(read_tensors(raw)))


def model(tensors: Tensors) -> bytes:
    """The ONNX file for the network's `tensors`, by their names in the original."""
    blocks = _blocks(tensors)
    graph = Graph()
    first = graph.input("first", (1, 3, "h", "w"))
    last = graph.input("last", (1, 3, "h", "w"))
    time = graph.input("time", (1, 1, 1, 1))
    one = _shaped_like(graph, first)
    everywhere = graph.node("Mul", one, time)
    place, size = _places(graph, first)
    seen, flow, mask = (first, last), "", ""
    for number, (block, scale) in enumerate(zip(blocks, SCALES, strict=True)):
        name = f"block{number}"
        reads = [*seen, everywhere, *([mask] if mask else [])]
        found = _block(graph, name, block, scale, graph.node("Concat", *reads, axis=1), flow)
        ends = ("flow", "mask") if scale == 1 else (f"{name}.flow", f"{name}.mask")
        parts = (f"{name}.step", f"{name}.step_mask") if flow else ends
        step = graph.split(
            "Split", found, graph.constant("four_one", [4, 1], "<i8"), gives=parts, axis=1
        )
        flow = graph.node("Add", flow, step[0], gives=ends[0]) if flow else step[0]
        mask = graph.node("Add", mask, step[1], gives=ends[1]) if mask else step[1]
        if scale > 1:
            seen = _warped(graph, (first, last), flow, place, size, name)
    graph.output("flow", (1, 4, "h", "w"))
    graph.output("mask", (1, 1, "h", "w"))
    return graph.model("IFNet", ABOUT)


def _block(graph: Graph, name: str, block: Tensors, scale: int, seen: str, flow: str) -> str:
    """One block: 1×(4 of motion in pixels, 1 of mask)×h×w."""
    seen = _resized(graph, seen, 1 / scale)
    if flow:
        small = _resized(graph, flow, 1 / scale)
        if scale > 1:
            small = graph.node("Mul", small, graph.constant(f"by_{scale}", np.float32(1 / scale)))
        seen = graph.node("Concat", seen, small, axis=1)
    for layer in ("conv0.0.0", "conv0.1.0"):
        seen = _convolved(
            graph, f"{name}.{layer}", seen, block[f"{layer}.weight"], block[f"{layer}.bias"], 2
        )
    for number in range(_steps(block)):
        layer = f"convblock.{number}"
        weight, bias = _with_itself(block, layer)
        seen = _convolved(graph, f"{name}.{layer}", seen, weight, bias, 1)
    weight, bias = _used(block, scale)
    made = graph.node(
        "ConvTranspose", seen, graph.constant(f"{name}.last.weight", weight),
        graph.constant(f"{name}.last.bias", bias), kernel_shape=[4, 4], strides=[2, 2], pads=[1] * 4,
    )  # fmt: skip
    made = graph.node("DepthToSpace", made, blocksize=2, mode="CRD")
    return _resized(graph, made, scale)


def _convolved(
    graph: Graph, name: str, value: str, weight: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32], stride: int,
) -> str:  # fmt: skip
    made = graph.node(
        "Conv", value, graph.constant(f"{name}.weight", weight), graph.constant(f"{name}.bias", bias),
        kernel_shape=[3, 3], strides=[stride, stride], pads=[1] * 4,
    )  # fmt: skip
    return graph.node("LeakyRelu", made, alpha=SLOPE)


def _with_itself(
    block: Tensors, layer: str
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """β·conv(x) + x as one convolution."""
    beta = block[f"{layer}.beta"].reshape(-1)
    weight = block[f"{layer}.conv.weight"] * beta[:, None, None, None]
    own = np.arange(len(beta))
    weight[own, own, 1, 1] += np.float32(1)
    return weight, block[f"{layer}.conv.bias"] * beta


def _used(block: Tensors, scale: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The weights that make motion and mask; the motion's carry the factor to pixels. A channel is
    four in the weights: the four places of the 2×2 that it is unfolded to."""
    weight, bias = block["lastconv.0.weight"][:, :20].copy(), block["lastconv.0.bias"][:20].copy()
    weight[:, :16] *= np.float32(scale)
    bias[:16] *= np.float32(scale)
    return weight, bias


def _resized(graph: Graph, value: str, factor: float) -> str:
    """Bilinear, pixels as areas: what the original's interpolation does."""
    if factor == 1:
        return value
    scales = graph.constant(f"scales_{factor}", [1, 1, factor, factor])
    return graph.node(
        "Resize", value, "", scales, mode="linear", coordinate_transformation_mode="half_pixel"
    )


def _shaped_like(graph: Graph, picture: str) -> str:
    """Ones, 1×1×h×w."""
    sides = graph.node(
        "Slice", graph.node("Shape", picture), graph.constant("two", [2], "<i8"),
        graph.constant("end", [4], "<i8"),
    )  # fmt: skip
    shape = graph.node("Concat", graph.constant("one_one", [1, 1], "<i8"), sides, axis=0)
    return graph.node("Expand", graph.constant("one", np.float32(1)), shape)


def _places(graph: Graph, picture: str) -> tuple[str, str]:
    """Each pixel's place 1×2×h×w (x, y), and 2/(side - 1), 1×2×1×1, to make -1..1 of it."""
    shape = graph.node("Shape", picture)
    zero, step = (
        graph.constant("zero", np.int64(0), "<i8"),
        graph.constant("step", np.int64(1), "<i8"),
    )
    sides, lines = [], []
    for name, axis, line in (("x", 3, [1, 1, 1, -1]), ("y", 2, [1, 1, -1, 1])):
        side = graph.node("Gather", shape, graph.constant(f"axis_{name}", np.int64(axis), "<i8"))
        run = graph.node("Cast", graph.node("Range", zero, side, step), to=1)
        lines.append(graph.node("Reshape", run, graph.constant(f"line_{name}", line, "<i8")))
        sides.append(
            graph.node(
                "Reshape", graph.node("Cast", side, to=1),
                graph.constant("point", [1, 1, 1, 1], "<i8"),
            )
        )  # fmt: skip
    whole = _shaped_like(graph, picture)
    place = graph.node("Concat", *(graph.node("Mul", whole, line) for line in lines), axis=1)
    spans = graph.node(
        "Sub", graph.node("Concat", *sides, axis=1), graph.constant("one", np.float32(1))
    )
    return place, graph.node("Div", graph.constant("span", np.float32(2)), spans)


def _warped(
    graph: Graph, pictures: tuple[str, str], flow: str, place: str, size: str, name: str
) -> tuple[str, str]:
    """Both pictures, each read where its half of the motion points; the border goes on."""
    ways = graph.split(
        "Split", flow, graph.constant("two_two", [2, 2], "<i8"),
        gives=(f"{name}.to_first", f"{name}.to_last"), axis=1,
    )  # fmt: skip
    made = []
    for picture, way in zip(pictures, ways, strict=True):
        at = graph.node("Mul", graph.node("Add", place, way), size)
        at = graph.node("Sub", at, graph.constant("one", np.float32(1)))
        at = graph.node("Transpose", at, perm=[0, 2, 3, 1])
        made.append(
            graph.node(
                "GridSample", picture, at, align_corners=1, mode="bilinear", padding_mode="border"
            )
        )
    return made[0], made[1]


def _steps(block: Tensors) -> int:
    return sum(name.endswith(".beta") for name in block)


def _blocks(tensors: Tensors) -> list[Tensors]:
    """The tensors by block, without its name."""
    blocks: list[Tensors] = [{} for _ in SCALES]
    for name, tensor in tensors.items():
        found = re.fullmatch(r"(?:module\.)?block(\d)\.(.+)", name)
        if not found or int(found[1]) >= len(blocks):
            raise ValueError(f"it has a tensor {name}, which RIFE 4.6 does not")
        blocks[int(found[1])][found[2]] = tensor
    for number, block in enumerate(blocks):
        for needed in ("conv0.0.0.weight", "conv0.1.0.weight", "lastconv.0.weight"):
            if needed not in block:
                raise ValueError(f"it has no tensor block{number}.{needed}, which RIFE 4.6 has")
    return blocks
