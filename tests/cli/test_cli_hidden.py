"""A module that is out of sight while a film is made."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from mutoscope.cli.animate import hidden


def test_a_module_is_hidden_for_as_long_as_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "hidden_one.py").write_text("")
    with hidden("hidden_one"), pytest.raises(ImportError):
        importlib.import_module("hidden_one")
    assert importlib.import_module("hidden_one") is sys.modules["hidden_one"]
    with hidden("hidden_one"):  # imported before: stays
        assert importlib.import_module("hidden_one") is sys.modules["hidden_one"]
    monkeypatch.delitem(sys.modules, "hidden_one")
