"""`mutoscope models` as a person and as a program sees it; what needs the hub is in test_models_cli_pull."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from mutoscope.cli import build
from mutoscope.errors import MutoscopeError
from mutoscope.models import pieces, places, record
from mutoscope.models.record import File, Record

NAME = "wan2.2-ti2v-5b"
STRICT = "ltx-2"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUTOSCOPE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return tmp_path / "models"


def called(*words: str) -> int:
    """The exit code; what goes wrong is said as `main` says it."""
    try:
        build()(["models", *words], result_action="return_value")
    except MutoscopeError as error:
        sys.stderr.write(f"mutoscope: {error.message}\n")
        return error.exit_code
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def pulled(key: str = NAME, body: bytes = b"0123456789") -> Path:
    record.write(
        places.record(key),
        Record(
            repository="someone/model", revision="main", commit="c" * 40, when=record.now(),
            files={"x.safetensors": File(size=len(body), sha256="0" * 64)},
        ),
    )  # fmt: skip
    places.place(key).mkdir()
    (places.place(key) / "x.safetensors").write_bytes(body)
    return places.place(key)


def test_the_list_has_every_model_and_fits_80_columns(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    assert called("list") == 0
    said = capsys.readouterr().out
    table, _, _ = said.partition(f"in {folder}")
    assert max(map(len, table.splitlines())) <= 80
    for one in pieces.models():
        assert f"{one.model} " in said
    assert "34.2 GB to download" in said
    assert "(consent needed)" in said
    assert "accept NAME" in said


def test_the_list_tells_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    pulled()
    assert called("list", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    rows = {row["name"]: row for row in told["models"]}
    assert rows[NAME]["state"] == "here"
    assert rows[NAME]["usable"] is True
    assert (rows[NAME]["bytes_here"], rows[NAME]["bytes_to_download"]) == (10, 0)
    assert rows[NAME]["path"] == str(places.place(NAME))
    assert rows[STRICT]["state"] == "licence"
    assert rows[STRICT]["usable"] is False
    assert rows["wan-v2v"]["weights_of"] == NAME
    assert rows["wan-v2v"]["state"] == "here"


@pytest.mark.parametrize("verb", ["show", "list"])
def test_one_model_is_shown_whole(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(verb, STRICT) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    one = pieces.model(STRICT).checkpoint
    assert one is not None
    flat = " ".join(said.split())
    for word in (one.repository, *one.tiers, "memory", one.licence.name, "Not accepted."):
        assert word in flat, word
    for condition in one.licence.conditions:
        assert condition in flat
    assert called(verb, STRICT, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["checkpoint"]["repository"] == one.repository
    assert told["checkpoint"]["frames"]["a"] == one.frames.a
    assert "asks for your consent" in told["lacking"]


def test_every_model_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for one in pieces.models():
        assert called("show", one.model) == 0
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 80, one.model


def test_accept_shows_the_licence_and_wants_an_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert called("accept", STRICT) == 2
    said = capsys.readouterr()
    one = pieces.checkpoint(STRICT)
    assert " ".join(one.licence.conditions[0].split()) in " ".join(said.out.split())
    assert "pass --yes" in said.err
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert called("accept", STRICT) == 130
    assert f"Do you accept {one.licence.name}? [y/N]" in capsys.readouterr().err
    assert not places.accepted().exists()
    monkeypatch.setattr(sys, "stdin", Terminal("y\n" * 9))
    assert called("accept", STRICT) == 0
    assert "accepted 2" in capsys.readouterr().out
    assert called("accept", STRICT) == 0, "there is nothing left to ask"
    capsys.readouterr()
    assert called("list", "--json") == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["models"]}
    assert rows[STRICT]["state"] == "not here"


def test_accept_with_yes_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("accept", STRICT, "--yes", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told[0]["name"] == STRICT
    assert told[0]["accepted"].endswith("+00:00")
    assert told[0]["licence"]["consent"] is True
    assert [one["name"] for one in told[1:]] == [
        f"{STRICT}+{name}" for name in pieces.loras(STRICT)
    ]


def test_accept_of_a_free_licence_records_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("accept", NAME) == 0
    assert "asks for no consent" in capsys.readouterr().out
    assert not places.accepted().exists()


def test_remove_asks_at_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = pulled()
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert called("remove", NAME) == 0
    said = capsys.readouterr()
    assert said.out == "nothing was removed\n"
    assert f"Remove {NAME}? wan-v2v will not be here either. [y/N]" in said.err
    assert place.exists()
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert called("remove", NAME) == 0
    assert capsys.readouterr().out == f"{NAME}: 10 B freed\n"
    assert not place.exists()
    assert called("remove", NAME) == 2
    assert capsys.readouterr().err == f"mutoscope: nothing of {NAME} is here\n"


def test_remove_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    pulled()
    assert called("remove", NAME, "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [{"name": NAME, "freed": 10, "kept": ""}]


def test_verify_says_each_and_ends_with_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("verify") == 0
    assert "nothing is here" in capsys.readouterr().out
    assert called("verify", NAME) == 0
    assert capsys.readouterr().out == f"{NAME}: not here\n"
    pulled()
    assert called("verify") == 3
    said = capsys.readouterr()
    assert said.out == f"{NAME}: damaged\n", "and once, though two models film with it"
    assert f"get it again with `mutoscope models pull {NAME}`" in said.err
    assert called("verify", "--json") == 3
    assert json.loads(capsys.readouterr().out)[0]["state"] == "damaged"


def test_use_takes_a_folder_and_remove_forgets_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    assert called("use", NAME, str(mine)) == 2
    assert "has no model_index.json" in capsys.readouterr().err
    (mine / "vae").mkdir()
    (mine / "vae" / "x.safetensors").write_bytes(bytes([43, *[0] * 7]) + b"{}".ljust(43))
    (mine / "model_index.json").write_text('{"_class_name": "WanPipeline", "vae": ["a", "b"]}')
    assert called("use", NAME, str(mine)) == 0
    assert capsys.readouterr().out == f"{NAME}: {mine}, in its place\n"
    assert called("list") == 0
    [line] = [one for one in capsys.readouterr().out.splitlines() if one.startswith(f"{NAME} ")]
    assert line.split() == [NAME, "here", "100", "B", "in", "a", "folder", "of", "yours"]
    assert called("verify", NAME) == 0
    assert "a folder of yours" in capsys.readouterr().out
    assert called("remove", NAME) == 0
    assert capsys.readouterr().out == f"{NAME}: {mine} is forgotten, and kept\n"
    assert mine.is_dir()


def test_use_says_which_qualities_want_a_lora_besides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "x.safetensors").write_bytes(bytes([2, *[0] * 7]) + b"{}")
    index = '{"_class_name": "WanImageToVideoPipeline", "vae": ["a", "b"]}'
    (tmp_path / "model_index.json").write_text(index)
    assert called("use", "wan2.2-i2v-a14b", str(tmp_path)) == 0
    said = capsys.readouterr().out
    assert "the quality draft or standard needs a LoRA besides: the LoRA '4-step'" in said
    assert "`mutoscope models pull wan2.2-i2v-a14b --lora 4-step`" in said


def test_pull_cannot_be_asked_for_loras_and_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("pull", NAME, "--lora", "fast", "--no-loras") == 2
    assert "cannot both be given" in capsys.readouterr().err


def test_pull_without_a_consent_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("pull", STRICT) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert f"`mutoscope models accept {STRICT}`" in said.err


@pytest.mark.parametrize("words", [("show",), ("pull",), ("accept",), ("remove",), ("verify",)])
def test_an_unknown_name_is_the_callers_error(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(*words, "wan2.2-ti2v") == 2
    assert "did you mean wan2.2-ti2v-5b?" in capsys.readouterr().err
