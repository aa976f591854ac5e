"""`mutoscope doctor` tells what is here, and nothing that it looks at can bring it down."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mutoscope.cli import examine
from mutoscope.cli.doctor import doctor
from mutoscope.cli.finding import Finding
from mutoscope.cli.probes import PROBES


def well() -> dict[str, tuple[Finding, ...]]:
    return {"libraries": (Finding(name="PyAV", state="ok", detail="18", needed=True),)}


def ill() -> dict[str, tuple[Finding, ...]]:
    broken = Finding(
        name="PyAV", state="broken", detail="no [libx264]", mend="install", needed=True
    )
    return well() | {"weights": (broken, Finding(name="depth", state="missing"))}


def test_a_machine_that_can_make_films(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mutoscope.cli.doctor.examine", well)
    doctor()
    assert "Films can be made here" in capsys.readouterr().out
    doctor(as_json=True)
    assert json.loads(capsys.readouterr().out)["ready"] is True


def test_a_machine_that_cannot(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mutoscope.cli.doctor.examine", ill)
    with pytest.raises(SystemExit) as ended:
        doctor()
    assert ended.value.code == 3
    out = capsys.readouterr().out
    assert "No film can be made here yet: PyAV" in out
    assert "no [libx264]" in out
    assert "→ install" in out
    with pytest.raises(SystemExit):
        doctor(as_json=True)
    assert json.loads(capsys.readouterr().out)["ready"] is False


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('lost')", "RuntimeError: lost"),
        ("import os; os.abort()", "ended with code -6"),
        ("import sys; sys.exit(0)", "ended with code 0"),
        ("print('no JSON')", "ended with code 0"),
        ("import time; time.sleep(9)", "no answer within 0.5 s"),
    ],
)
def test_a_probe_that_goes_wrong_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, said: str
) -> None:
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}"\n')
    program.chmod(0o755)
    monkeypatch.setattr("mutoscope.cli.examine.sys.executable", str(program))
    monkeypatch.setattr(examine, "TIMEOUT", 0.5)
    (finding,) = examine._in_a_process("video")
    assert finding.state == "broken"
    assert finding.needed
    assert said in finding.detail


def test_a_library_that_does_not_import_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "av.py").write_text("raise ImportError('libx264.so: cannot open shared object')")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
        "from mutoscope.cli.examine import main; main('video')"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    (finding,) = json.loads(out.stdout.splitlines()[-1])
    assert finding["state"] == "broken"
    assert "libx264.so" in finding["detail"]
    assert "install" in finding["mend"]


@pytest.mark.parametrize("probe", ["machine", "disk", "weights", "settings"])
def test_probes_find_something_on_this_machine(probe: str) -> None:
    findings = list(PROBES[probe]())
    assert findings
    assert all(one.name and one.state in ("ok", "note", "missing") for one in findings), findings


def test_a_probe_in_its_process() -> None:
    (compat,) = examine._in_a_process("settings")
    assert compat.name == "compat"
    assert compat.state == "ok"


def test_a_wrong_setting_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_COMPAT", "loose")
    (finding,) = PROBES["settings"]()
    assert finding.state == "broken"
    assert "lenient" in finding.mend


def test_a_folder_that_does_not_exist_yet_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path / "a" / "b"))
    weights, here = PROBES["disk"]()
    assert str(tmp_path / "a" / "b") in weights.detail
    assert "GB free" in here.detail


@pytest.mark.slow
def test_the_whole_examination_ends_well_here() -> None:
    command = [sys.executable, "-m", "mutoscope", "doctor", "--json"]
    out = subprocess.run(command, capture_output=True, text=True)
    assert out.returncode == 0, out.stdout
    assert json.loads(out.stdout)["ready"] is True


def test_a_folder_that_is_gone_or_is_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path / "file"))
    gone = tmp_path / "gone"
    gone.mkdir()
    script = (
        "import os, sys; from mutoscope.cli.probes import disk;"
        f"os.chdir({str(gone)!r}); os.rmdir({str(gone)!r});"
        "print([(one.state, one.detail) for one in disk()])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "is a file, not a folder" in out.stdout
    assert "No such file or directory" in out.stdout
    assert "broken" not in out.stdout


def test_a_terminal_of_plain_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "from mutoscope.cli import doctor; from mutoscope.cli.finding import Finding;"
        "doctor.show({'libraries': (Finding(name='PyAV', state='ok'),)}, [])"
    )
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "? PyAV" in out.stdout
