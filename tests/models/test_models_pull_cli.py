"""`mutoscope models pull` as it is typed: what it says before, while and after."""

from __future__ import annotations

import io
import json
import shutil
import sys

import pytest

from models.known_models import FILES, NAME, REPOSITORY, SHARD
from models.standin_hub import Hub
from mutoscope import models
from mutoscope.cli import build
from mutoscope.errors import MutoscopeError
from mutoscope.models import places
from mutoscope.models.amounts import amount

pytest.importorskip("huggingface_hub")
pytestmark = pytest.mark.torch
WHOLE = sum(map(len, FILES.values()))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setenv("COLUMNS", "80")


def called(*words: str) -> int:
    try:
        build()(["models", *words], result_action="return_value")
    except MutoscopeError as error:
        sys.stderr.write(f"mutoscope: {error.message}\n")
        return error.exit_code
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_it_says_what_comes_before_and_what_came_after(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("pull", NAME) == 0
    lines = capsys.readouterr().out.splitlines()
    commit = next(iter(hub.repositories[REPOSITORY].commits))[:12]
    assert lines[0] == f"{NAME}: {amount(WHOLE)} in {len(FILES)} files, {REPOSITORY} at {commit}"
    assert lines[1] == f"  {amount(WHOLE)} to download"
    assert lines[2].endswith(f"free in {models.folder()}")
    assert lines[-3] == f"  {amount(WHOLE)} of {amount(WHOLE)}", (
        "progress, where there is no terminal"
    )
    assert lines[-2] == f"{NAME}: {amount(WHOLE)} downloaded, verified, commit {commit}"
    assert lines[-1] == f"  in {places.place(NAME)}"
    assert called("pull", NAME) == 0
    assert capsys.readouterr().out.startswith(f"{NAME}: already here, {amount(WHOLE)}\n")
    assert called("verify", NAME) == 0
    assert capsys.readouterr().out == f"{NAME}: verified\n"


def test_at_a_terminal_it_asks(
    hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert called("pull", NAME) == 130
    said = capsys.readouterr()
    assert f"Download {amount(WHOLE)}? [y/N]" in said.err
    assert not hub.served[SHARD]
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert called("pull", NAME, "--yes") == 0
    assert "[y/N]" not in capsys.readouterr().err


def test_as_json_nothing_else_is_printed(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("pull", NAME, "--yes", "--json") == 0
    [told] = json.loads(capsys.readouterr().out)
    assert told["name"] == NAME
    assert told["downloaded"] == told["size"] == WHOLE
    assert told["commit"] in hub.repositories[REPOSITORY].commits


def test_a_disk_that_is_too_small_is_one_line_and_code_4(
    hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    assert called("pull", NAME) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"mutoscope: {amount(WHOLE)} are still to be downloaded, and only 1.0 kB are free in "
        f"{models.folder()}; make room, or name another disk's folder with MUTOSCOPE_MODELS\n"
    )


def test_a_repository_that_is_gated_is_one_line_and_code_3(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.repositories[REPOSITORY].gated = True
    assert called("pull", NAME) == 3
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "set HF_TOKEN" in said.err
