"""A SQLite data folder has one server; programs beside it are welcome, and a killed one leaves it free."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from mutoscope.storage.lock import FolderInUse, FolderLock
from mutoscope.storage.records import Records
from mutoscope.storage.tables import secrets

OTHER = """
import sys
from pathlib import Path
from mutoscope.storage.lock import FolderLock
FolderLock(Path(sys.argv[1])).take()
print("taken", flush=True)
sys.stdin.read()
"""


def other_server(data: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "taken\n"
    return process


def test_a_second_server_is_told_who_has_the_folder(tmp_path: Path) -> None:
    with other_server(tmp_path) as other:
        with pytest.raises(FolderInUse) as refused:
            Records.open("", tmp_path)
        assert str(tmp_path) in refused.value.message
        assert f"(process {other.pid})" in refused.value.message
        assert "--data" in refused.value.message
        with Records.open("", tmp_path, exclusive=False) as beside:
            beside.write_now(
                lambda c: c.execute(insert(secrets).values(name="a", value="b", created=0.0))
            )
        other.kill()
        other.wait()
        with Records.open("", tmp_path) as records:  # a killed server leaves no lock behind
            assert records.read_now(lambda c: c.execute(select(secrets.c.name)).scalar()) == "a"


def test_a_server_in_the_same_process_is_refused_too_until_the_first_closed(tmp_path: Path) -> None:
    with Records.open("", tmp_path), pytest.raises(FolderInUse):
        Records.open("", tmp_path)
    with Records.open("", tmp_path):
        pass


def test_an_open_that_fails_gives_the_folder_back(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite3").write_bytes(b"this is no database, whatever its name says" * 99)
    for _ in range(2):
        with pytest.raises(Exception, match="damaged"):
            Records.open("", tmp_path)
    lock = FolderLock(tmp_path)
    lock.take()
    lock.release()
