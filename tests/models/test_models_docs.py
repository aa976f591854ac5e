"""The tables of docs/models.md are those of the catalogue, and its verbs those of the command line."""

from __future__ import annotations

from pathlib import Path

from mutoscope.cli.models import MORE
from mutoscope.models import docs, pieces

PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_the_page_has_not_drifted() -> None:
    assert docs.main([str(PAGE), "--check"]) == 0, f"python -m {docs.__name__} docs/models.md"


def test_every_table_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"<!-- table: {name} -->" in page for name in docs.TABLES)
    assert all(
        f"`mutoscope models {verb} NAME" in page or f"models {verb} " in page for verb in MORE
    )


def test_tables_are_well_formed_and_have_every_model() -> None:
    for name, make in docs.TABLES.items():
        lines = make().splitlines()
        assert len({line.count(" | ") for line in lines}) == 1, name
        assert all(any(f"`{one.model}`" in line for line in lines) for one in pieces.models()), name


def test_a_page_that_has_drifted_is_found_and_mended(tmp_path: Path) -> None:
    page = tmp_path / "models.md"
    page.write_text("before\n<!-- table: memory -->\nwhat it was\n<!-- end -->\nafter\n", "utf-8")
    assert docs.main([str(page), "--check"]) == 1
    assert docs.main([str(page)]) == 0
    assert docs.main([str(page), "--check"]) == 0
    assert "what it was" not in page.read_text("utf-8")


def test_a_model_that_needs_a_consent_says_so_in_its_row() -> None:
    rows = docs.licences().splitlines()
    for one in pieces.models():
        assert one.checkpoint is not None
        [row] = [line for line in rows if line.startswith(f"| `{one.model}` |")]
        assert ("| yes |" in row) == one.checkpoint.licence.consent
        assert all(said in row for said in one.checkpoint.licence.conditions)
