"""The pages name what the tables hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutoscope.engines.flipbook.footage.looks import looks
from mutoscope.finish.formats import PASSES, formats

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize("name", formats())
def test_every_format_stands_on_its_page(name: str) -> None:
    page = (DOCS / "formats.md").read_text("utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    for ending in formats()[name].suffixes:
        assert ending in row or name == "png"
    transparent = row.split("|")[4].strip() != ""
    assert transparent is (formats()[name].alpha is not None)


def test_every_pass_stands_on_its_page() -> None:
    page = (DOCS / "formats.md").read_text("utf-8")
    for name in PASSES:
        assert f"| {name} |" in page


@pytest.mark.parametrize("name", looks())
def test_every_look_stands_on_its_page(name: str) -> None:
    page = (DOCS / "flipbook-film.md").read_text("utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    assert row.endswith(f"| {looks()[name].says} |")
