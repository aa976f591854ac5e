"""The two databases that records live in, and what differs between them: connections and errors."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from pathlib import Path
from typing import Any, Literal, Protocol

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    bindparam,
    create_engine,
    delete,
    event,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ArgumentError, DBAPIError

from mutoscope.errors import BadInput, CannotWrite, Missing, MutoscopeError
from mutoscope.storage.clock import now
from mutoscope.storage.tables import commits

FILE = "records.sqlite3"
PATIENCE = 15.0  # seconds for a database that is gone, or held by another program, to come back

ABANDONED = 7 * 86_400.0  # seconds after which a writer's mark is a dead process's

Dialect = Literal["sqlite", "postgresql"]
#: What a server says that will not say otherwise later.
_REFUSED = re.compile(r"authentication failed|does not exist$|no pg_hba.conf entry")
#: What a driver says of a connection that is gone, or of a server that is not there yet.
_GONE = re.compile(r"closed|terminat|lost|refused|reset|broken pipe|starting up|shutting down|"
                   r"recovery mode|timeout|no such file|could not|connection failed", re.IGNORECASE)  # fmt: skip


_MARKED = insert(commits).values(writer=bindparam("writer"), batch=bindparam("batch"), at=now())
_MARK = _MARKED.on_conflict_do_update(
    index_elements=[commits.c.writer],
    set_={"batch": _MARKED.excluded.batch, "at": _MARKED.excluded.at},
)


class RecordsUnavailable(MutoscopeError):
    """The database cannot be reached now; the same may be asked again later."""

    exit_code = 3
    status = 503
    code = "records_unavailable"


class Database(Protocol):
    """`writes` begins transactions that may write; `reads` are connections without transaction."""

    dialect: Dialect
    name: str  # for messages: without a password
    writes: Engine
    reads: Engine
    marks: bool  # whether a commit's outcome can be in doubt

    def lost(self, error: BaseException) -> bool:
        """Whether the error means that the connection is gone, or that there is no server now."""

    def again(self, error: BaseException) -> bool:
        """Whether the database undid the work for another's sake: the same work may run again."""

    def explain(self, error: BaseException) -> MutoscopeError | None:
        """The sentence for an error that is the machine's, None for one that is the code's."""

    def mark(self, connection: Connection, writer: str, batch: int) -> None:
        """Leave in this transaction which of a writer's it was."""

    def marked(self, connection: Connection, writer: str) -> int | None:
        """The last of a writer's transactions that was committed, once none is under way."""

    def unmark(self, connection: Connection, writer: str) -> None:
        """That writer has ended."""


def database(url: str, data: Path, *, patience: float = PATIENCE) -> Database:
    """The database of a URL; "" is SQLite in the data folder. `BadInput` for other URLs."""
    if not url:
        return SQLite(data / FILE, patience=patience)
    scheme = url.partition(":")[0]
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise BadInput(
            f'server.database begins with "{scheme}:"; it must be "postgresql://user@host/name", or '
            "empty for SQLite in the data folder",
            field="server.database",
        )
    try:
        return PostgreSQL(url)
    except (ArgumentError, ValueError):
        raise BadInput(
            'server.database is no address; write it as "postgresql://user:password@host:5432/name"',
            field="server.database",
        ) from None


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
            connection.execute("PRAGMA cache_size = -32768")
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
        original = _original(error)
        if isinstance(original, UnicodeEncodeError | OverflowError):
            return _unkept(original)
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


class PostgreSQL:
    """A server that several of ours may share."""

    dialect: Dialect = "postgresql"
    marks = True

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise Missing(
                "records in PostgreSQL need its driver; install it with "
                "`pip install 'mutoscope[postgres]'`, or leave server.database empty for SQLite"
            ) from None
        self._error, self._data_error = psycopg.Error, psycopg.DataError
        address = make_url(url).set(drivername="postgresql+psycopg")
        self.name = address.set(drivername="postgresql").render_as_string(hide_password=True)
        query = {"connect_timeout": "5", "application_name": "mutoscope", **address.query}
        address = address.set(query=query)
        self.writes = create_engine(address, poolclass=NullPool)
        self.reads = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        event.listen(self.writes, "connect", _durable)

    def lost(self, error: BaseException) -> bool:
        original = _original(error)
        if not isinstance(original, self._error):
            return False
        code = getattr(original, "sqlstate", None)
        if code is not None:  # connection exceptions, shutdown, crash, starting up
            return code.startswith("08") or code in ("57P01", "57P02", "57P03")
        return bool(_GONE.search(str(original)))

    def again(self, error: BaseException) -> bool:
        return getattr(_original(error), "sqlstate", None) in ("40001", "40P01")

    def explain(self, error: BaseException) -> MutoscopeError | None:
        original = _original(error)
        if isinstance(original, UnicodeEncodeError | self._data_error):
            return _unkept(original)
        if not isinstance(original, self._error):
            return None
        said = (str(original).strip().splitlines() or ["no answer"])[0]
        code = getattr(original, "sqlstate", None) or ""
        if code.startswith("53"):
            return RecordsUnavailable(f"{self.name} has no room or connections left: {said}")
        said = said.removeprefix("connection failed: ")
        if code.startswith("28") or code == "3D000" or _REFUSED.search(said):
            return BadInput(
                f"{self.name} refuses the connection: {said}; check server.database",
                field="server.database",
            )
        if self.lost(error):
            return RecordsUnavailable(f"{self.name} cannot be reached: {said}")
        return None

    def mark(self, connection: Connection, writer: str, batch: int) -> None:
        connection.execute(_MARK, {"writer": writer, "batch": batch})

    def marked(self, connection: Connection, writer: str) -> int | None:
        # waits for a transaction that the server has not given up yet
        asked = select(commits.c.batch).where(commits.c.writer == writer).with_for_update()
        return connection.execute(asked).scalar()

    def unmark(self, connection: Connection, writer: str) -> None:
        abandoned = commits.c.at < now() - ABANDONED
        connection.execute(delete(commits).where((commits.c.writer == writer) | abandoned))


def _unkept(error: Exception) -> BadInput:
    """A value that no column takes: its sender's to mend, as far as no check found it before."""
    said = str(error).strip().splitlines()[0]
    return BadInput(f"a value cannot be kept in the records: {said}")


def _durable(connection: Any, record: object) -> None:
    """A commit that returned is on the disk, even where the server's own default is otherwise."""
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute("SELECT set_config('synchronous_commit', 'on', false) "
                       "WHERE current_setting('synchronous_commit') = 'off'")  # fmt: skip
    connection.commit()


def _original(error: BaseException) -> BaseException | None:
    """The driver's own error below SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) else error
