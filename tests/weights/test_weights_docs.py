"""docs/weights.md tells what the manifest has."""

from __future__ import annotations

from pathlib import Path

from mutoscope.weights import manifest

PAGE = (Path(__file__).parents[2] / "docs" / "weights.md").read_text("utf-8")


def test_the_table_is_the_manifests() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    told = [(row[0], row[1], row[3], row[4], row[5]) for row in rows]
    assert told == [
        (
            f"`{one.name}`",
            one.title,
            one.licence,
            f"{one.size / 1e6:.1f} MB",
            "yes" if one.default else "no",
        )
        for one in manifest.entries().values()
    ]


def test_the_size_of_a_plain_fetch() -> None:
    size = sum(one.size for one in manifest.entries().values() if one.default)
    assert f"({size / 1e6:.0f} MB)" in PAGE
