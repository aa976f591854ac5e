"""The labelled corpus: floors on what is read. `held_back.jsonl` is not used to tune the parser: most
of it was written before, the rest when it was finished."""

from __future__ import annotations

from typing import Any

import pytest
from corpus_score import moves, rows, score

from mutoscope.direction.model import MOVES
from mutoscope.direction.parse import direct

ALL = [*rows("tuning"), *rows("held_back")]


def test_corpus_covers_every_move_in_four_languages() -> None:
    assert len(ALL) >= 240
    assert {row["lang"] for row in ALL} == {"en", "de", "da", "zh"}
    assert {move for row in ALL for move in row["camera"]} == set(MOVES)
    assert len(rows("held_back")) >= len(ALL) / 3
    assert not {row["text"] for row in rows("tuning")} & {row["text"] for row in rows("held_back")}


def test_tuning_part_is_read() -> None:
    result = score("tuning")
    assert result.precision >= 0.97, result.failures
    assert result.recall >= 0.97, result.failures


def test_held_back_part_is_read() -> None:
    # measured 0.984 and 0.960; the failures are not printed, so that nobody tunes on them
    result = score("held_back")
    assert result.precision >= 0.96
    assert result.recall >= 0.93


@pytest.mark.parametrize(
    "row", [row for row in rows("tuning") if "spans" in row], ids=lambda r: r["text"]
)
def test_timeline_is_laid(row: dict[str, Any]) -> None:
    camera = direct(row["text"], row["seconds"]).camera
    assert [[move.move, move.start, move.end] for move in camera] == row["spans"]


@pytest.mark.parametrize(
    "row", [row for row in rows("tuning") if not row["camera"]], ids=lambda r: r["text"]
)
def test_scene_words_move_no_camera(row: dict[str, Any]) -> None:
    assert moves(direct(row["text"])) == set()


@pytest.mark.parametrize(
    "row", [row for row in rows("tuning") if "motion" in row], ids=lambda r: r["text"]
)
def test_motion_is_read(row: dict[str, Any]) -> None:
    assert set(row["motion"]) <= {one.kind for one in direct(row["text"]).motion}


@pytest.mark.parametrize("flag", ["first_frame", "loop"])
def test_flags_are_read(flag: str) -> None:
    wrong = [
        row["text"]
        for row in rows("tuning")
        if getattr(direct(row["text"]), flag) != row.get(flag, False)
    ]
    assert wrong == []
