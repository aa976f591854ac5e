"""The records: tables in SQLite or PostgreSQL, read beside the event loop, written by group commit.

::

    records = Records.open("", data)                      # SQLite in the data folder
    await records.write(lambda c: c.execute(insert(...)))  # on the disk when it returns
    rows = await records.read(lambda c: c.execute(select(...)).all())

A function that is given to `write` may run more than once, and alone counts what it does to the
connection (see `writer`). One that is given to `read` sees each statement in its own moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Connection

from mutoscope.storage.address import database
from mutoscope.storage.clock import now
from mutoscope.storage.database import PATIENCE, Database, Dialect, RecordsUnavailable
from mutoscope.storage.lock import FolderLock
from mutoscope.storage.migrate import migrate
from mutoscope.storage.writer import Work, Writer

READERS = 4  # threads
PAUSE = 0.05  # seconds between two tries of a read whose database is gone

T = TypeVar("T")


class Records:
    """See the module. `dialect` is "sqlite" or "postgresql", `folder` the data folder."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        lock: FolderLock | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self.database = database
        self.dialect: Dialect = database.dialect
        self.folder = folder
        self._lock = lock
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._patience = patience
        self._stop = threading.Event()
        self._writer = Writer(database, self._queue, self._stop, patience)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="records-read")
        self._idle: deque[Connection] = deque()
        self._closed = False

    @classmethod
    def open(
        cls, url: str, data: Path, *, exclusive: bool = True, patience: float = PATIENCE
    ) -> Self:
        """Open the records of a data folder and bring their tables up to date.

        `url` is "" (SQLite in `data`) or "postgresql://…". `exclusive`: as the one server of a SQLite
        folder; `FolderInUse` where another is. Programs beside a server open with exclusive=False.
        `BadInput`, `Missing`, `CannotWrite` and `RecordsUnavailable` say what is wrong with the place.
        """
        place = database(url, data, patience=patience)
        lock = FolderLock(data) if exclusive and place.dialect == "sqlite" else None
        if lock is not None:
            lock.take()
        try:
            migrate(place)
            return cls(place, data, lock, patience=patience)
        except BaseException as error:
            if lock is not None:
                lock.release()
            if (said := place.explain(error)) is not None:
                raise said from None
            raise

    def close(self) -> None:
        """Finish what was handed in, and close. Works that wait for a lost database are given up."""
        if self._closed:
            return
        self._closed = True
        self._stop.set()
        self._readers.shutdown(cancel_futures=True)
        while self._idle:
            with contextlib.suppress(Exception):
                self._idle.pop().close()
        self._queue.put(None)
        self._writer.join()  # last, for who closes SQLite last puts the WAL into its file
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def now(self, connection: Connection) -> ColumnElement[float]:
        """The database's clock in SQL: seconds since 1970, the same within a statement."""
        return now()

    async def write(self, run: Callable[[Connection], T]) -> T:
        """Run in a transaction; what it returned, when it is on the disk. Its error undoes it alone.

        A caller that is cancelled meanwhile does not stop it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._submit(Work(run, _Telling(loop), future))
        return await future

    def write_now(self, run: Callable[[Connection], T]) -> T:
        """`write` for callers without an event loop."""
        future: Future[T] = Future()
        self._submit(Work(run, _tell_threads, future))
        return future.result()

    async def read(self, run: Callable[[Connection], T]) -> T:
        """Run in a thread, on a connection that cannot hold a transaction."""
        self._open()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, run)

    def read_now(self, run: Callable[[Connection], T]) -> T:
        """`read` in this thread: 0.02 ms for a row of SQLite, too long for an event loop elsewhere."""
        until = time.monotonic() + self._patience
        while True:
            self._open()
            connection: Connection | None = None
            try:
                connection = self._connection()
                value = run(connection)
            except BaseException as error:
                lost = self.database.lost(error)
                if connection is not None:
                    (self._forget if lost else self._return)(connection)
                if lost and time.monotonic() < until and not self._stop.wait(PAUSE):
                    continue
                if (said := self.database.explain(error)) is not None:
                    raise said from None
                raise
            self._return(connection)
            return value

    def _connection(self) -> Connection:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        return self.database.reads.connect()

    def _return(self, connection: Connection) -> None:
        if connection.in_transaction():
            connection.rollback()
        self._idle.append(connection)
        if self._closed:
            with contextlib.suppress(IndexError):
                self._idle.pop().close()

    def _forget(self, connection: Connection) -> None:
        """The connection is gone, and so are those that lay idle beside it."""
        gone = [connection]
        with contextlib.suppress(IndexError):
            while True:
                gone.append(self._idle.pop())
        for each in gone:
            with contextlib.suppress(Exception):
                each.invalidate()
            with contextlib.suppress(Exception):
                each.close()

    def _submit(self, work: Work) -> None:
        self._open()
        self._queue.put(work)

    def _open(self) -> None:
        if self._closed:
            raise RecordsUnavailable("the records are closed: the server is ending")


class _Telling:
    """Tells an event loop of many works in one call; equal for one loop."""

    __slots__ = ("loop",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Telling) and other.loop is self.loop

    def __hash__(self) -> int:
        return id(self.loop)

    def __call__(self, works: list[Work]) -> None:
        self.loop.call_soon_threadsafe(_resolve, works)


def _resolve(works: list[Work]) -> None:
    for work in works:
        future: asyncio.Future[Any] = work.told
        if not future.done():  # a caller that was cancelled meanwhile
            if work.error is not None:
                future.set_exception(work.error)
            else:
                future.set_result(work.value)


def _tell_threads(works: list[Work]) -> None:
    for work in works:
        future: Future[Any] = work.told
        if work.error is not None:
            future.set_exception(work.error)
        else:
            future.set_result(work.value)


__all__ = ["Records", "RecordsUnavailable"]
