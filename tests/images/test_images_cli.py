"""`mutoscope prepare` and `mutoscope inspect` as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pictures_made import encoded, textured

from mutoscope import cli, weights
from mutoscope.images import subject


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "session", lambda name: None)
    monkeypatch.setattr(weights, "find", lambda name: None)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(encoded(textured(320, 240, number)))
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """The exit code of the console script."""
    app = cli.build()
    try:
        with monkeypatch.context() as patched:
            patched.setattr(cli, "build", lambda: lambda: app([str(word) for word in words]))
            cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_prepare_a_folder(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert run(monkeypatch, "prepare", photos, "--size", "128x72", "--out", out) == 0
    said = capsys.readouterr()
    assert said.out.startswith("3 prepared, in ")
    assert "3 × auto: pad" in said.out
    assert said.err == ""
    assert run(monkeypatch, "prepare", photos, "--size", "128x72", "--out", out) == 0
    assert "0 prepared, 3 unchanged" in capsys.readouterr().out


def test_exit_code_1_if_any_failed(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (photos / "bad.jpg").write_text("hello")
    assert run(monkeypatch, "prepare", photos, "--size", "square", "--out", tmp_path / "o") == 1
    said = capsys.readouterr()
    assert "3 prepared, 1 failed" in said.out
    assert "bad.jpg is a text file" in said.err


def test_prepare_json(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(
        monkeypatch,
        "prepare",
        photos / "0.jpg",
        "--size",
        "9:16",
        "--json",
        "--out",
        tmp_path / "o",
    )
    shown = json.loads(capsys.readouterr().out)
    assert shown["prepared"] == 1
    assert shown["files"][0]["notes"][0].startswith("auto: pad")
    assert "short side has 240 pixels" in shown["files"][0]["warnings"][0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["--size", "huge"], 2, "size is 'huge'", id="size"),
        pytest.param(["--crop", "0,0,1"], 2, "left,top,right,bottom", id="crop of three"),
        pytest.param(["--crop", "0.9,0,0.1,1"], 2, "crop.right", id="crop inverted"),
        pytest.param(["--fit", "squeeze"], 2, "auto, cover", id="fit"),
        pytest.param(["--jobs", "-1"], 2, "--jobs", id="jobs"),
    ],
)
def test_bad_words_are_one_line(
    words: list[str],
    code: int,
    said: str,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "prepare", photos, *words) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_unwritable_folder_exits_4(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "prepare", photos, "--out", photos / "0.jpg" / "x") == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_inspect_shows_a_table_that_fits_80_columns(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(monkeypatch, "inspect", photos / "0.jpg", photos / "1.jpg") == 0
    said = capsys.readouterr().out
    assert "0.jpg · JPEG · 320×240" in said
    assert "A smooth transition is unlikely" in said
    assert max(map(len, said.splitlines())) <= 80


def test_inspect_json(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "inspect", photos / "0.jpg", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["image"]["findings"][0]["name"] == "size"
    assert shown["pair"] is None


def test_inspect_a_text_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_text("hello")
    assert run(monkeypatch, "inspect", tmp_path / "a.jpg") == 2
    assert capsys.readouterr().err.startswith("mutoscope: a.jpg is a text file")
