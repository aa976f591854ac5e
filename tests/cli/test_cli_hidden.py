"""While a film is made: a module that is out of sight, and signals that end it."""

from __future__ import annotations

import importlib
import signal
import sys
from pathlib import Path

import pytest

from mutoscope.cli.animate import hidden, terminated_as_interrupt


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


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_and_a_closed_terminal_end_it_as_ctrl_c_does(sent: signal.Signals) -> None:
    before = signal.getsignal(sent)
    with pytest.raises(KeyboardInterrupt), terminated_as_interrupt():
        signal.raise_signal(sent)
    assert signal.getsignal(sent) is before


def test_under_nohup_it_goes_on() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with terminated_as_interrupt():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
