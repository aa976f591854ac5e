"""An empty cache for each test, and the stand-ins as fixtures."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from weights_standins import CONTENT, HUB, NPM_SCRIPT, PIP_SCRIPT, Hub, Packages

from mutoscope.weights import manifest
from mutoscope.weights.manifest import Entry


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and nothing of the machine's own set-up."""
    folder = tmp_path / "cache" / "weights"
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(folder))
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "https_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody answers
    return folder


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Entry]:
    """Make an entry of CONTENT, and the only one of the manifest."""

    def make(*sources: dict[str, str], **changed: Any) -> Entry:
        fields = {
            "title": "A Network",
            "purpose": "finds things",
            "origin": "a paper",
            "version": "1",
            "licence": "MIT",
            "licence_checked": "",
            "file": "net.onnx",
            "size": len(CONTENT),
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "default": True,
            "sources": sources or (HUB,),
        } | changed
        made = msgspec.structs.replace(msgspec.convert(fields, Entry), name="net")
        monkeypatch.setattr(manifest, "entries", lambda: {"net": made})
        return made

    return make


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    made = Hub()
    monkeypatch.setenv("HF_ENDPOINT", made.address)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    folder, programs = tmp_path / "packages", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    for name, script in (("npm", NPM_SCRIPT), ("pip3", PIP_SCRIPT)):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("TEST_PACKAGES", str(folder))
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pip" else find(name)
    )
    return Packages(folder)
