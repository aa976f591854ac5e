"""AlexNet's features as an ONNX graph: what of a picture's texture and of its parts is where.

The same file as for LPIPS holds them. Pooled over a figure, they tell it from another one while it turns,
moves and stands in another light.
"""

from __future__ import annotations

from pathlib import Path

from mutoscope.weights.alexnet_lpips import WIDTHS, Tree, activations, read
from mutoscope.weights.onnx_file import Graph

#: The layers that are given out, counted from 0.
GIVEN = {"texture": 2, "parts": 4}
ABOUT = {
    "title": "AlexNet features",
    "inputs": "figure: nx3xhxw RGB 0..1, sides of 64 and more",
    "outputs": "texture: nx384xaxb, after the third rectifier; parts: nx256xaxb, after the fifth",
    "licence": "BSD-3-Clause, Copyright (c) Soumith Chintala 2016",
}


def convert(raw: Path, out: Path) -> None:
    """The pickled parameters `raw` → the ONNX model `out`, the same bytes every time. Raises ValueError
    where `raw` is something else."""
    out.write_bytes(model(read(raw)))


def model(tree: Tree) -> bytes:
    """The ONNX file for the parameters, by their names in the original."""
    graph = Graph()
    figure = graph.input("figure", ("n", 3, "h", "w"))
    layers = list(activations(graph, tree, figure))
    for name, number in GIVEN.items():
        graph.node("Identity", layers[number], gives=name)
        graph.output(name, ("n", WIDTHS[number + 1], "a", "b"))
    return graph.model("AlexNet features", ABOUT)
