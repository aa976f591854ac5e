"""The page "Your own GPU" says what the contracts say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutoscope.catalog.checkpoint import Memory
from mutoscope.catalog.load import contracts
from mutoscope.engines.diffusion import docs, placing

PAGE = Path(__file__).parents[3] / "docs" / "gpu.md"


def test_the_page_has_not_drifted() -> None:
    assert docs.main([str(PAGE), "--check"]) == 0, f"python -m {docs.__name__} docs/gpu.md"


def test_every_table_and_every_model_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"<!-- table: {name} -->" in page for name in docs.TABLES)
    for one in contracts("diffusion"):
        assert page.count(f"| `{one.model}` |") == len(docs.TABLES)


def test_a_link_leads_to_a_page() -> None:
    import re

    links = re.findall(r"\]\(([a-z-]+\.md)", PAGE.read_text("utf-8"))
    assert links
    assert not [one for one in links if not PAGE.with_name(one).exists()]


@pytest.mark.parametrize(
    ("card", "way"), [(8, ""), (12, "by layer"), (24, "by part"), (48, "whole")]
)
def test_the_fastest_way_that_fits_is_named(card: int, way: str) -> None:
    needs = Memory(
        whole=40 * docs.GB, model=20 * docs.GB, layers=9 * docs.GB, main=0, source="a test"
    )
    assert docs.fits(needs, card * docs.GB) == way


def test_the_table_leaves_as_much_of_a_card_as_the_engine_does() -> None:
    assert docs.SPARE == placing._SPARE
    assert pytest.approx(placing._CONTEXT, rel=0.01) == docs.CONTEXT
