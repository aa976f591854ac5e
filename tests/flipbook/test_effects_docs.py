"""The table of docs/flipbook-light.md has every kind that is answered."""

from __future__ import annotations

from pathlib import Path

from mutoscope.engines.flipbook.effects.chosen import _makers

PAGE = Path(__file__).parents[2] / "docs" / "flipbook-light.md"


def test_every_kind_has_its_row_and_every_row_a_kind() -> None:
    rows = [row.split("|") for row in PAGE.read_text("utf-8").splitlines() if row.startswith("|")]
    named = [cells[2].strip().strip("`") for cells in rows[2:]]
    assert named == list(_sorted(named))
    assert set(named) == set(_makers())


def _sorted(named: list[str]) -> list[str]:
    """No kind twice."""
    return list(dict.fromkeys(named))
