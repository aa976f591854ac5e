"""What docs/direction.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

from corpus_score import rows

from mutoscope.direction.model import MOVES
from mutoscope.direction.parse import direct
from mutoscope.direction.read import read

PAGE = (Path(__file__).parents[2] / "docs" / "direction.md").read_text(encoding="utf-8")


def test_examples_of_the_move_table_give_their_move() -> None:
    seen: set[str] = set()
    for line in PAGE.splitlines():
        named = re.findall(r"`(\w+)`", line.split("|")[1]) if line.startswith("| `") else []
        if not named or named[0] not in MOVES:
            continue
        seen.update(named)
        for example in re.findall("“([^”]+)”", line.split("|")[3]):
            assert {move.move for move in direct(example).camera if move.words} <= set(named), (
                example
            )
            assert direct(example).camera, example
    assert seen == set(MOVES)


def test_json_example_is_accepted() -> None:
    example = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    assert [move.move for move in read(example[1], 8).camera] == ["static", "dolly_in"]


def test_counts_are_right() -> None:
    tuning, held_back = len(rows("tuning")), len(rows("held_back"))
    assert f"{tuning + held_back} labelled" in PAGE
    assert f"| tuning | {tuning} |" in PAGE
    assert f"| held back | {held_back} |" in PAGE
