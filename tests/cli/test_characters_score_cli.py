"""`mutoscope characters score`: clips in, a table of 80 columns, JSON or a grid out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console

from mutoscope.characters import owner
from mutoscope.characters.model import Character, Frame
from mutoscope.cli.characters_score import references, score, show
from mutoscope.errors import BadInput
from mutoscope.quality.consistency import ClipScores, Consistency, Sample, judge
from mutoscope.quality.consistency.figure import Seen
from mutoscope.storage.media import MediaStore


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Three pictures whose grey is the face that they show, in thousandths."""

    def seen(rgb: Any, wanted: Sequence[Any] = (), **more: Any) -> Seen:
        why = dict.fromkeys(("clothing", "whole"), "nothing stands out clearly")
        return Seen(np.array([rgb.mean() / 100], np.float32), missing=why)

    monkeypatch.setattr(judge, "seen", seen)
    made = []
    for name, grey in (("reference", 50), ("same", 60), ("other", 200)):
        made.append(tmp_path / f"{name}.png")
        cv2.imwrite(str(made[-1]), np.full((30, 40, 3), grey, np.uint8))
    return made


def test_a_table_and_why_there_is_no_score(
    pictures: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference, same, other = pictures
    score(str(reference), same, other, grid=tmp_path / "grid.png")
    told = capsys.readouterr().out
    lines = {line.split()[0]: line.split() for line in told.splitlines() if line.strip()}
    assert lines["same.png"][1:5] == ["100", "-", "-", "1"]
    assert lines["other.png"][1:5] == ["0", "-", "-", "1"]
    assert "same.png: whole: nothing stands out clearly" in told
    assert (tmp_path / "grid.png").is_file()


def test_json(pictures: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    score("self", *pictures, samples=3, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [Path(one["clip"]).name for one in told["clips"]] == [one.name for one in pictures]
    assert told["clips"][0]["samples"] == [{"frame": 0, "at": 0.0, "reference": True}]
    assert told["clips"][1]["face"] == pytest.approx(99.4, abs=0.5)


def test_a_wide_table_fits_80_columns() -> None:
    one = Sample(7, 123.45, {"face": 100.0, "clothing": 99.5, "whole": 100.0})
    clips = tuple(
        ClipScores(Path("a" * length + ".mp4"), (one, one)) for length in (3, 26, 60)
    )  # fmt: skip
    out = StringIO()
    show(Console(file=out, width=80, highlight=False), Consistency((), clips))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert all("123.45 s, clothing 100" in line for line in lines[1:4])
    assert lines[4].startswith("in all")


def test_a_character_that_is_not_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.png: there is no such file"):
        references(str(tmp_path / "none.png"), "default", tmp_path, None)
    with pytest.raises(BadInput, match="has no character 'Nobody'"):
        references("Nobody", "default", tmp_path, None)


def test_a_stored_character_is_its_cutouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MediaStore(tmp_path / "media")
    kept = [store.put(f"cut-out {number}".encode()) for number in range(2)]
    whole = store.put(b"picture")
    frames = tuple(Frame(media=whole, matte=one, at=0.0, box=(0, 0, 1, 1)) for one in kept)
    asked: list[tuple[str, str]] = []

    def found(records: object, character: str, project: str) -> Character:
        asked.append((character, project))
        return Character(
            id="char_1", project=project, name=character, description="", status="ready",
            source=None, frames=frames if character == "Nova" else (), error=None, created=0.0,
        )  # fmt: skip

    monkeypatch.setattr(owner, "found", found)
    paths = references("Nova", "films", tmp_path, None)
    assert asked == [("Nova", "films")]
    assert [path.read_text() for path in paths] == ["cut-out 0", "cut-out 1"]
    with pytest.raises(BadInput, match="Luna is ready and has no reference frames"):
        references("Luna", "films", tmp_path, None)
