"""Records in SQLite: one file of the data folder, with one server."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from mutoscope.errors import CannotWrite, MutoscopeError
from mutoscope.storage.database import (
    PATIENCE,
    Dialect,
    RecordsUnavailable,
    driver_error,
    unkept,
)

FILE = "records.sqlite3"


class SQLite:
    """One file; WAL, so that readers never wait; every commit is on the disk when it returns."""

    dialect: Dialect = "sqlite"
    marks = False

    def __init__(self, path: Path, *, patience: float = PATIENCE) -> None:
        self.path = path
        self.patience = patience
        self.name = str(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # it holds secrets: nobody else may read it, nor its -wal, which takes its mode
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise CannotWrite(
                f"the data folder {path.parent} cannot be written: {error.strerror}"
            ) from None
        self.writes = self._engine(query_only=False)
        self.reads = self._engine(query_only=True)
        event.listen(self.writes, "begin", _begin_immediate)

    def _engine(self, *, query_only: bool) -> Engine:
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            poolclass=NullPool,
            connect_args={"check_same_thread": False, "timeout": self.patience},
        )

        def connected(connection: sqlite3.Connection, record: object) -> None:
            connection.isolation_level = None  # transactions begin where this code says, not before
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            # kilobytes for each connection: the system keeps the file's pages for all of them
            connection.execute(f"PRAGMA cache_size = -{1024 if query_only else 4096}")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA journal_size_limit = 67108864")
            if query_only:
                connection.execute("PRAGMA query_only = ON")

        event.listen(engine, "connect", connected)
        return engine

    def lost(self, error: BaseException) -> bool:
        return False

    def again(self, error: BaseException) -> bool:
        return False

    def explain(self, error: BaseException) -> MutoscopeError | None:
        original = driver_error(error)
        if isinstance(original, UnicodeEncodeError | OverflowError):
            return unkept(original)
        if not isinstance(original, sqlite3.DatabaseError):
            return None
        said = str(original)
        if "locked" in said or "busy" in said:
            return RecordsUnavailable(
                f"{self.path} is held by another program for more than {self.patience:g} seconds; "
                "end that program, or try again"
            )
        if "full" in said:
            return CannotWrite(f"{self.path} cannot be written: the disk is full", code="disk_full")
        if "not a database" in said or "malformed" in said:
            return CannotWrite(
                f"{self.path} is damaged ({said}); restore a backup with `mutoscope restore`"
            )
        if any(word in said for word in ("readonly", "read-only", "unable to open", "disk I/O")):
            return CannotWrite(f"{self.path} cannot be written: {said}")
        return None

    def mark(self, connection: Connection, writer: str, batch: int) -> None:
        pass

    def marked(self, connection: Connection, writer: str) -> int | None:
        return None

    def unmark(self, connection: Connection, writer: str) -> None:
        pass


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
