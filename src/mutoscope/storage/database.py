"""What records need of a database, and the errors that they speak in; `sqlite` and `postgres` have it."""

from __future__ import annotations

from typing import Literal, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from mutoscope.errors import BadInput, MutoscopeError

PATIENCE = 15.0  # seconds for a database that is gone, or held by another program, to come back

Dialect = Literal["sqlite", "postgresql"]


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


def unkept(error: Exception) -> BadInput:
    """A value that no column takes: its sender's to mend, as far as no check found it before."""
    said = str(error).strip().splitlines()[0]
    return BadInput(f"a value cannot be kept in the records: {said}")


def driver_error(error: BaseException) -> BaseException | None:
    """The driver's own error below SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) else error
