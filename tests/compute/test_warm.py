"""Imports ahead of their use."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mutoscope.compute.warm import Warm


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "warm_one.py").write_text(
        "import threading\nthread = threading.current_thread().name\n"
    )
    (tmp_path / "warm_bad.py").write_text("raise RuntimeError('no such library')\n")
    for name in ("warm_one", "warm_bad"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


@pytest.mark.usefixtures("modules")
def test_it_imports_beside_the_caller_and_passes_over_what_fails() -> None:
    warm = Warm(["warm_bad", "warm_missing", "warm_one"])
    warm.join()
    assert sys.modules["warm_one"].thread == "warm"
    with pytest.raises(RuntimeError, match="no such library"):
        __import__("warm_bad")


def test_it_stops_before_the_next_module(modules: Path) -> None:
    (modules / "warm_wait.py").write_text("import warm_gate\nwarm_gate.opened.wait(5)\n")
    (modules / "warm_gate.py").write_text("import threading\nopened = threading.Event()\n")
    warm = Warm(["warm_wait", "warm_one"])
    warm.stop()
    __import__("warm_gate").opened.set()
    warm.join()
    assert "warm_one" not in sys.modules
