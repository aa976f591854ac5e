"""Records in PostgreSQL, which several servers may share."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from sqlalchemy import (
    Connection,
    NullPool,
    bindparam,
    create_engine,
    delete,
    event,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from mutoscope.errors import BadInput, Missing, MutoscopeError
from mutoscope.storage.clock import now
from mutoscope.storage.database import Dialect, RecordsUnavailable, driver_error, unkept
from mutoscope.storage.tables import commits

ABANDONED = 7 * 86_400.0  # seconds after which a writer's mark is a dead process's

#: What a server says that will not say otherwise later.
_REFUSED = re.compile(r"authentication failed|does not exist$|no pg_hba.conf entry")
#: What a driver says of a connection that is gone, or of a server that is not there yet.
_GONE = re.compile(r"closed|terminat|lost|refused|reset|broken pipe|starting up|shutting down|"
                   r"recovery mode|timeout|no such file|could not|connection failed|pipeline mode", re.IGNORECASE)  # fmt: skip
#: Shutdown, crash, starting up; idle for too long in a transaction; a server that became a standby.
_GONE_CODES = frozenset({"57P01", "57P02", "57P03", "25P03", "25006"})

#: A server that vanished without a word is noticed within half a minute.
_CONNECTION = {
    "application_name": "mutoscope",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
#: Seconds after which PostgreSQL undoes the transaction of a process that was halted in its midst, so
#: that its rows are free for others. A work takes milliseconds.
HALTED = 10
#: For transactions in which other things are done, such as copying files.
AT_LEISURE = text("SET LOCAL idle_in_transaction_session_timeout = 0")


_MARKED = insert(commits).values(writer=bindparam("writer"), batch=bindparam("batch"), at=now())
_MARK = _MARKED.on_conflict_do_update(
    index_elements=[commits.c.writer],
    set_={"batch": _MARKED.excluded.batch, "at": _MARKED.excluded.at},
)


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
        address = address.set(query={**_CONNECTION, **address.query})
        self.writes = create_engine(address, poolclass=NullPool)
        self.reads = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        event.listen(self.writes, "connect", _durable)

    def lost(self, error: BaseException) -> bool:
        original = driver_error(error)
        if not isinstance(original, self._error):
            return False
        code = getattr(original, "sqlstate", None)
        if code is not None:
            return code.startswith("08") or code in _GONE_CODES
        return bool(_GONE.search(str(original)))

    def again(self, error: BaseException) -> bool:
        return getattr(driver_error(error), "sqlstate", None) in ("40001", "40P01")

    def explain(self, error: BaseException) -> MutoscopeError | None:
        original = driver_error(error)
        if isinstance(original, UnicodeEncodeError | self._data_error):
            return unkept(original)
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
        # waits for a transaction that the server has not given up yet, but not for ever
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        asked = select(commits.c.batch).where(commits.c.writer == writer).with_for_update()
        return connection.execute(asked).scalar()

    def unmark(self, connection: Connection, writer: str) -> None:
        abandoned = commits.c.at < now() - ABANDONED
        connection.execute(delete(commits).where((commits.c.writer == writer) | abandoned))


def _durable(connection: Any, record: object) -> None:
    """A commit that returned is on the disk, whatever the server's own default; see `HALTED`."""
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute("SELECT set_config('synchronous_commit', 'on', false) "
                       "WHERE current_setting('synchronous_commit') = 'off'")  # fmt: skip
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{HALTED}s'")
    connection.commit()
