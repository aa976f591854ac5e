"""The hub's files: resumed, bounded, and by the hub's own environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from weights_standins import CONTENT, HUB, Hub

from mutoscope.errors import Missing
from mutoscope.weights.fetch import fetch
from mutoscope.weights.manifest import Entry

Make = Callable[..., Entry]
HALF = len(CONTENT) // 2


def test_the_address_names_repository_revision_and_file(entry: Make, hub: Hub) -> None:
    hub.content = {"/a/b/resolve/refs%2Fpr%2F1/x%20y.onnx": CONTENT}
    fetch(entry({"kind": "hub", "repository": "a/b", "revision": "refs/pr/1", "file": "x y.onnx"}))
    assert hub.seen == [("/a/b/resolve/refs%2Fpr%2F1/x%20y.onnx", "")]
    assert hub.headers[0]["User-Agent"].startswith("mutoscope/")


def test_a_connection_that_breaks_is_gone_on_with(entry: Make, hub: Hub) -> None:
    hub.faults = ["cut", "cut"]
    assert Path(fetch(entry()).path).read_bytes() == CONTENT
    assert [span for _, span in hub.seen] == ["", f"bytes={HALF}-", f"bytes={HALF + HALF // 2}-"]


def test_a_hub_that_keeps_breaking_off_is_given_up_on(entry: Make, hub: Hub) -> None:
    hub.faults = ["cut"] * 9
    with pytest.raises(Missing, match="cut off 4 times"):
        fetch(entry())
    assert len(hub.seen) == 4


def test_the_next_run_goes_on_where_the_last_one_stopped(
    entry: Make, hub: Hub, cache_folder: Path
) -> None:
    work = cache_folder / ".fetch" / "net"
    work.mkdir(parents=True)
    (work / "net.onnx.part").write_bytes(CONTENT[:HALF])
    assert Path(fetch(entry()).path).read_bytes() == CONTENT
    assert [span for _, span in hub.seen] == [f"bytes={HALF}-"]


def test_a_server_without_ranges_starts_anew(entry: Make, hub: Hub, cache_folder: Path) -> None:
    work = cache_folder / ".fetch" / "net"
    work.mkdir(parents=True)
    (work / "net.onnx.part").write_bytes(b"\0" * HALF)
    hub.faults = ["no range"]
    assert Path(fetch(entry()).path).read_bytes() == CONTENT


def test_a_damaged_start_is_found_and_thrown_away(
    entry: Make, hub: Hub, cache_folder: Path
) -> None:
    work = cache_folder / ".fetch" / "net"
    work.mkdir(parents=True)
    (work / "net.onnx.part").write_bytes(b"\0" * HALF)
    with pytest.raises(Missing, match="its SHA-256 is"):
        fetch(entry())
    assert Path(fetch(entry()).path).read_bytes() == CONTENT, "the next try starts anew"


def test_more_than_the_manifest_says_is_cut_short(entry: Make, hub: Hub) -> None:
    hub.content = dict.fromkeys(hub.content, CONTENT * 3)
    with pytest.raises(Missing, match="more than the 1,024,000 bytes"):
        fetch(entry())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("401", "set HF_TOKEN"),
        ("403", "accept the terms"),
        ("404", "no such file"),
        ("500", "HTTP 500"),
    ],
)
def test_refusals_say_what_to_do(entry: Make, hub: Hub, status: str, said: str) -> None:
    hub.faults = [status]
    with pytest.raises(Missing, match=said):
        fetch(entry())


def test_a_token_is_for_the_hub_alone(
    entry: Make, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "a-token-of-the-test")
    hub.faults = ["redirect"]
    fetch(entry())
    assert hub.headers[0]["Authorization"] == "Bearer a-token-of-the-test"
    assert "Authorization" not in hub.headers[1]


def test_an_endpoint_that_is_no_address(entry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    with pytest.raises(Missing, match="must be an http or https address"):
        fetch(entry(HUB))
