"""The owner's files: taken when they are what they should be, and used before the manifest's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from weights_standins import CONTENT, Hub

from mutoscope import weights
from mutoscope.errors import BadInput, WeightsCorrupt
from mutoscope.weights import cache
from mutoscope.weights.add import add
from mutoscope.weights.fetch import fetch
from mutoscope.weights.form import check_depth
from mutoscope.weights.manifest import Entry

Make = Callable[..., Entry]


def field(number: int, value: bytes | int) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def value_info(name: str, element: int, shape: tuple[int | str, ...]) -> bytes:
    sides = b"".join(
        field(1, field(1, side) if isinstance(side, int) else field(2, side.encode()))
        for side in shape
    )
    tensor = field(1, element) + field(2, sides)
    return field(1, name.encode()) + field(2, field(1, tensor))


def model(
    operator: str = "ReduceMean",
    shape: tuple[int | str, ...] = (1, 3, "h", "w"),
    out: tuple[int | str, ...] = (1, "h", "w"),
    element: int = 1,
) -> bytes:
    """An ONNX model of one operator (1 = float, 6 = int32)."""
    axes = field(1, b"axes") + field(8, 1) + field(20, 7)
    keep = field(1, b"keepdims") + field(3, 0) + field(20, 2)
    attributes = field(5, axes) + field(5, keep) if operator == "ReduceMean" else b""
    node = field(1, b"in") + field(2, b"out") + field(4, operator.encode()) + attributes
    graph = (
        field(1, node)
        + field(2, b"g")
        + field(11, value_info("in", element, shape))
        + field(12, value_info("out", element, out))
    )
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "mine.onnx"
        path.write_bytes(content)
        return path

    return write


def test_a_depth_model_of_the_owners_is_used(
    entry: Make, hub: Hub, file: Callable[[bytes], Path]
) -> None:
    depth = entry(form="depth")
    fetch(depth)
    added = add(depth, file(model()))
    assert not added.exact
    assert added.form == "in 1×3×?×? → out 1×?×?"
    assert weights.find("net") == Path(added.path)
    assert cache.verify(depth) == Path(added.path)
    again = fetch(depth)
    assert (again.source, again.path) == ("", added.path)


def test_the_manifests_own_file_is_known_by_its_hash(
    entry: Make, file: Callable[[bytes], Path]
) -> None:
    plain = entry()
    added = add(plain, file(CONTENT))
    assert added.exact
    assert Path(added.path) == cache.folder() / plain.cached_as
    assert weights.require("net").read_bytes() == CONTENT


def test_the_newest_file_given_is_the_one_used(entry: Make, file: Callable[[bytes], Path]) -> None:
    depth = entry(form="depth")
    add(depth, file(model()))
    add(depth, file(CONTENT))
    assert weights.find("net") == cache.folder() / depth.cached_as


def test_only_the_exact_file_where_nothing_else_will_do(
    entry: Make, file: Callable[[bytes], Path]
) -> None:
    with pytest.raises(BadInput, match=r"'net' takes only net\.onnx with"):
        add(entry(), file(model()))


FORMS = {
    "no model": (b"hello", "not an ONNX model"),
    "empty": (b"", "not an ONNX model"),
    "three channels out": (
        model("Identity", out=(1, 3, "h", "w")),
        "its output is tensor.float. 1×3",
    ),
    "flat in": (model("Identity", shape=(1, "n"), out=(1, "n")), "its input is"),
    "one channel in": (model("Identity", (1, 1, "h", "w"), (1, 1, "h", "w")), "its input is"),
    "whole numbers": (model("Identity", (1, 3, 4, 4), (1, 3, 4, 4), element=6), "int32"),
}


@pytest.mark.parametrize("case", FORMS)
def test_what_is_no_depth_model_is_not_taken(
    entry: Make, file: Callable[[bytes], Path], case: str
) -> None:
    content, said = FORMS[case]
    with pytest.raises(BadInput, match=said) as caught:
        add(entry(form="depth"), file(content))
    assert "\n" not in caught.value.message
    assert weights.find("net") is None
    assert not (cache.folder() / "own").exists()


def test_both_shapes_of_a_depth_map_pass(file: Callable[[bytes], Path]) -> None:
    check_depth(file(model(shape=(1, "c", "h", "w"))))
    check_depth(file(model("Identity", ("n", "c", "h", "w"), ("n", "c", "h", "w"))))


@pytest.mark.parametrize(("name", "said"), [("nothing.onnx", "is not there"), (".", "is a folder")])
def test_a_file_that_is_no_file(entry: Make, tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        add(entry(form="depth"), tmp_path / name)


def test_an_owners_file_that_was_changed_is_the_owners_to_mend(
    entry: Make, hub: Hub, file: Callable[[bytes], Path]
) -> None:
    depth = entry(form="depth")
    path = Path(add(depth, file(model())).path)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(WeightsCorrupt, match="mutoscope weights add net FILE"):
        cache.verify(depth)
    with pytest.raises(WeightsCorrupt):
        fetch(depth)
    path.write_bytes(b"short")
    assert weights.find("net") is None, "half a file is no file"
