"""The tables of docs/contracts.md are those of the catalogue."""

from __future__ import annotations

from pathlib import Path

from mutoscope.catalog import docs
from mutoscope.catalog.load import contracts

PAGE = Path(__file__).parents[2] / "docs" / "contracts.md"


def test_the_page_has_not_drifted() -> None:
    assert docs.main([str(PAGE), "--check"]) == 0, f"python -m {docs.__name__} docs/contracts.md"


def test_every_table_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"<!-- table: {name} -->" in page for name in docs.TABLES)
    assert all(f"`{one.name}`" in page for one in contracts())


def test_a_page_that_has_drifted_is_found_and_mended(tmp_path: Path) -> None:
    page = tmp_path / "contracts.md"
    page.write_text("before\n<!-- table: vendors -->\nold\n<!-- end -->\nafter\n", "utf-8")
    assert docs.main([str(page), "--check"]) == 1
    assert docs.main([str(page)]) == 0
    assert docs.main([str(page), "--check"]) == 0
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| `flipbook` |" in text


def test_tables_are_well_formed() -> None:
    for make in docs.TABLES.values():
        lines = make().splitlines()
        assert len(lines) > 2
        assert len({line.count(" | ") for line in lines}) == 1
