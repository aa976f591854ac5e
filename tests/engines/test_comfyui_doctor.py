"""`mutoscope doctor` on accounts: what is wrong with a workflow or an address, in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.comfy_graphs import kept
from mutoscope.cli.finding import Finding
from mutoscope.cli.probes import PROBES
from mutoscope.engines import find
from mutoscope.errors import Missing


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUTOSCOPE_SERVER_DATA", str(tmp_path))
    return tmp_path


def found(data: Path, settings: str) -> list[Finding]:
    (data / "mutoscope.toml").write_text(settings)
    return list(PROBES["accounts"]())


def test_every_account_is_told_of(data: Path) -> None:
    folder = data / "graphs"
    kept(folder, {"1": {"class_type": "X", "inputs": {"text": "{{promt}}"}}}, table="")
    settings = (
        f'[engines.attic]\nkind = "comfyui"\nbase_url = "http://127.0.0.1:9"\nfolder = "{folder}"\n'
        '[engines.relay]\nkind = "openai_videos"\nbase_url = "nowhere"\n'
        '[engines.gone]\nkind = "comfi"\n'
    )
    attic, relay, gone = found(data, settings)
    assert (attic.name, attic.state) == ("attic", "missing")
    assert "unknown placeholder {{promt}} in node 1, text; did you mean prompt?" in attic.mend
    assert (relay.name, relay.state) == ("relay", "missing")
    assert "engines.relay.base_url is 'nowhere'" in relay.mend
    assert gone.state == "broken"
    assert "did you mean comfyui?" in gone.detail
    assert not any(one.needed for one in (attic, relay, gone))


def test_a_comfyui_that_does_not_answer_is_told_of(data: Path) -> None:
    folder = kept(data / "graphs").parent
    settings = (
        f'[engines.attic]\nkind = "comfyui"\nbase_url = "http://127.0.0.1:9"\nfolder = "{folder}"\n'
    )
    (attic,) = found(data, settings)
    assert attic.state == "missing"
    assert attic.mend.startswith("ComfyUI does not answer at http://127.0.0.1:9 (")


def test_nothing_is_told_where_there_is_no_account(data: Path) -> None:
    assert found(data, "") == []


def test_entry_points_that_need_an_account_are_not_broken_engines() -> None:
    names = {one.name for one in PROBES["engines"]()}
    assert "flipbook" in names
    assert not names & {"comfyui", "openai_videos"}


@pytest.mark.parametrize("name", ["comfyui", "openai_videos"])
def test_an_engine_that_needs_an_account_says_so(name: str) -> None:
    with pytest.raises(Missing, match=rf'an \[engines\.NAME\] with kind = "{name}"'):
        find.engine(name)
