"""AlexNet's first three layers as an ONNX graph: what texture is where in a picture.

The same file as for LPIPS holds them. Pooled over a figure, they tell it from another one while it turns,
moves and stands in another light; the layers after them tell kinds of things, and figures no better.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from mutoscope.weights.alexnet_lpips import WIDTHS, Tree, activations, read
from mutoscope.weights.onnx_file import Graph

LAYERS = 3
ABOUT = {
    "title": "AlexNet, three layers",
    "inputs": "figure: nx3xhxw RGB 0..1, sides of 64 and more",
    "outputs": "texture: nx384xaxb, after the third rectifier",
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
    *_, last = islice(activations(graph, tree, figure), LAYERS)
    graph.node("Identity", last, gives="texture")
    graph.output("texture", ("n", WIDTHS[LAYERS], "a", "b"))
    return graph.model("AlexNet, three layers", ABOUT)
