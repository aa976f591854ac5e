from __future__ import annotations

import io
import json

import pytest

from mutoscope.cli.direct import direct
from mutoscope.direction.read import read
from mutoscope.errors import BadShot


def test_json_has_the_documented_shape(capsys: pytest.CaptureFixture[str]) -> None:
    direct("pan left slowly while the trees sway. Sound of wind.", seconds=8, json=True)
    printed = json.loads(capsys.readouterr().out)
    assert {"camera", "motion", "sound", "first_frame", "advice", "unread"} <= printed.keys()
    (move,) = printed["camera"]
    assert {key: move[key] for key in ("move", "start", "end", "speed", "amount")} == {
        "move": "pan_left",
        "start": 0.0,
        "end": 8.0,
        "speed": "slow",
        "amount": None,
    }
    assert {"kind", "target", "direction"} <= printed["motion"][0].keys()
    assert read(printed, 8).camera[0].move == "pan_left"


def test_table_fits_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    direct(
        "Start static 0.5 s, dolly in 2 s, hold 1 s, pan left by 47 degrees 1.5 s while [b]trees[/b] sway. Add a dragon.",
        seconds=8,
    )
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    for words in ("dolly in", "pan left", "47°", "Advice", "Not understood", "Add a dragon"):
        assert words in text


def test_prompt_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("zoom in\n"))
    direct("-", json=True)
    assert json.loads(capsys.readouterr().out)["camera"][0]["move"] == "zoom_in"


@pytest.mark.parametrize(
    ("prompt", "keys", "sentence"),
    [
        ("  ", {}, "the prompt is empty"),
        ("x" * 40_000, {}, "at most 32000"),
        ("pan", {"kind": "mix"}, "kind is 'mix'"),
        ("pan", {"seconds": -1.0}, "seconds is -1"),
    ],
)
def test_refusals(prompt: str, keys: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadShot, match=sentence):
        direct(prompt, **keys)  # type: ignore[arg-type]
