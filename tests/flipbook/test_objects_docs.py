"""The table of docs/flipbook-objects.md is that of kinds.toml."""

from __future__ import annotations

import re
from pathlib import Path

from mutoscope.engines.flipbook.objects.kinds import table

PAGE = (Path(__file__).parents[2] / "docs" / "flipbook-objects.md").read_text("utf-8")
#: way → whose amounts and periods it has, where not its own
AMOUNTS = {"fly": "travel", "roll": "travel", "drift": "travel", "whole": None}
PERIODS = {"drift": "turn"}


def rows() -> dict[str, list[str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| `")]
    return {cells[1].strip(" `"): cells for cells in (line.split("|") for line in lines)}


def numbers(cell: str) -> list[float]:
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", cell)]


def test_every_way_has_its_words_and_its_amounts() -> None:
    moves = table()["moves"]
    found = rows()
    assert set(moves.values()) | {"whole", "near"} == set(found)
    for way in set(moves.values()):
        words = {word.strip() for word in found[way][2].split(",")}
        assert words == {kind for kind, name in moves.items() if name == way}
    for way, cells in found.items():
        name = AMOUNTS.get(way, way)
        if name is not None:
            per = 100 if "%" in cells[4] else 1
            assert numbers(cells[4]) == [round(per * one, 4) for one in table()["amounts"][name]]
        period = table()["periods"].get(PERIODS.get(way, way))
        assert numbers(cells[5]) == (period or [])
