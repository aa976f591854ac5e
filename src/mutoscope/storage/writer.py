"""Group commit: works that arrive together are committed together, each as if it were alone.

A thread runs the works in one transaction; their callers hear of it when that is on the disk. Where one
fails, all run once more, each in a savepoint of its own, so that it is undone alone. Where the connection is lost before the
commit was sent, all run again; where it is lost in the commit, a mark that the transaction left tells
what came of it. A work is a function of a connection, and must do nothing but what it does there.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection

from mutoscope.storage.database import PATIENCE, Database, RecordsUnavailable

WINDOW = 0.002  # seconds that a commit waits for company, where the one before had some
MOST = 256  # works to a commit
TRIES = 8  # for a work that the database undoes for another's sake


@dataclass(slots=True, eq=False)
class Work:
    """What is to be done, and who is told: `tell(works)` is called once for many, when all is known."""

    run: Callable[[Connection], Any]
    tell: Callable[[list[Work]], None]
    told: Any  # what `tell` needs: a future
    value: Any = None
    error: BaseException | None = None
    tries: int = 0


class _Unsure(Exception):
    """The connection was lost in the commit, and the database did not come back to be asked."""


class Writer:
    """One thread with one connection, so that no work waits for another's locks. `None` in the queue
    ends it."""

    def __init__(
        self,
        database: Database,
        queue: SimpleQueue[Work | None],
        stop: threading.Event,
        patience: float = PATIENCE,
    ) -> None:
        self._database = database
        self._queue = queue
        self._stop = stop  # nobody waits for a database any more
        self._patience = patience
        self._connection: Connection | None = None
        self._name = uuid.uuid4().hex
        self._batch = 0
        self._company = 1  # works in the commit before
        self._ending = False
        self._thread = threading.Thread(target=self._work, name="records", daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _work(self) -> None:
        try:
            while not self._ending and (first := self._queue.get()) is not None:
                batch = self._gather(first)
                self._company = len(batch)
                self._settle(batch)
        finally:
            self._farewell()

    def _gather(self, first: Work) -> list[Work]:
        batch = [first]
        until = time.monotonic() + WINDOW if self._company > 1 else 0.0
        while len(batch) < MOST:
            left = until - time.monotonic() if len(batch) < self._company else 0.0
            try:
                work = self._queue.get(block=left > 0, timeout=max(left, 0))
            except Empty:
                break
            if work is None:
                self._ending = True
                break
            batch.append(work)
        return batch

    def _settle(self, batch: list[Work]) -> None:
        """Commit a batch, over again for as long as the database is away; everyone is told."""
        until = time.monotonic() + self._patience
        pause = 0.02
        while True:
            try:
                again = self._attempt(batch, until)
                break
            except BaseException as error:
                self._drop()
                if self._database.lost(error) and time.monotonic() < until:
                    self._stop.wait(pause)
                    pause = min(2 * pause, 0.5)
                    if not self._stop.is_set():
                        continue
                elif len(batch) > 1 and not self._hopeless(error):
                    for work in batch:  # what fails for all may do for each
                        self._settle([work])
                    return
                self._fail(batch, error)
                again = []
                break
        _tell([work for work in batch if work not in again])
        for work in again:
            self._settle([work])

    def _hopeless(self, error: BaseException) -> bool:
        """Whether what failed for all will fail for each, or must not be tried again."""
        if isinstance(error, _Unsure) or self._database.lost(error):
            return True
        return isinstance(self._database.explain(error), RecordsUnavailable)

    def _attempt(self, batch: list[Work], until: float) -> list[Work]:
        """One transaction with all of the batch; those that must run again. Raises where it is void."""
        connection = self._connection = self._connection or self._database.writes.connect()
        if self._batch == 0 and self._database.marks:
            # a mark that is there can be waited for; one that is just being made cannot be seen
            with connection.begin():
                self._database.mark(connection, self._name, 0)
        with _whole(connection):
            again: list[Work] = []
            if (failure := self._together(connection, batch)) is not None:
                connection.rollback()
                if len(batch) == 1:
                    return self._failed(batch[0], failure)
                connection.begin()
                again = self._apart(connection, batch)
            self._batch += 1
            self._database.mark(connection, self._name, self._batch)
            try:
                connection.commit()
            except BaseException as error:
                self._drop()
                if not (self._database.marks and self._database.lost(error)):
                    raise
                if not self._committed(until):
                    raise
        return again

    def _together(self, connection: Connection, batch: list[Work]) -> BaseException | None:
        """Run them all, without savepoints, which cost round trips; the first failure, which is rare."""
        for work in batch:
            work.error = None
            try:
                work.value = work.run(connection)
            except BaseException as error:
                if self._database.lost(error):
                    raise
                return error
        return None

    def _apart(self, connection: Connection, batch: list[Work]) -> list[Work]:
        """Run each as if it were alone; those that must run again."""
        again: list[Work] = []
        for work in batch:
            try:
                with _savepoint(connection):
                    work.value = work.run(connection)
            except BaseException as error:
                if self._database.lost(error):
                    raise
                again += self._failed(work, error)
        return again

    def _failed(self, work: Work, error: BaseException) -> list[Work]:
        """Write down what a work failed with; the work itself where it is to run again."""
        work.tries += 1
        if self._database.again(error) and work.tries < TRIES:
            return [work]
        work.error = self._database.explain(error) or error
        return []

    def _committed(self, until: float) -> bool:
        """What came of a commit that was sent before the connection was lost."""
        while not self._stop.is_set() and time.monotonic() < until:
            with contextlib.suppress(Exception), self._database.writes.connect() as connection:
                return self._database.marked(connection, self._name) == self._batch
            self._stop.wait(0.1)
        raise _Unsure

    def _fail(self, batch: list[Work], error: BaseException) -> None:
        for work in batch:
            if isinstance(error, _Unsure):
                work.error = RecordsUnavailable(
                    f"{self._database.name} was lost in the midst of a commit and did not come back; "
                    "whether it was made will show when it does"
                )
            else:
                work.error = self._database.explain(error) or error

    def _drop(self) -> None:
        """Let go of a connection that may be broken."""
        if (connection := self._connection) is not None:
            self._connection = None
            with contextlib.suppress(Exception):
                connection.invalidate()
            with contextlib.suppress(Exception):
                connection.close()

    def _farewell(self) -> None:
        if self._connection is not None and self._database.marks:
            with contextlib.suppress(Exception), self._connection.begin():
                self._database.unmark(self._connection, self._name)
        self._drop()


@contextlib.contextmanager
def _whole(connection: Connection) -> Iterator[None]:
    """A transaction that ends by `commit` within, or not at all."""
    connection.begin()
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):
            connection.rollback()
        raise


@contextlib.contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """What is done within is kept or undone as one. On the driver: a tenth of `begin_nested`'s cost."""
    driver: Any = connection.connection.driver_connection
    driver.execute("SAVEPOINT work")
    try:
        yield
    except BaseException:
        driver.execute("ROLLBACK TO SAVEPOINT work")
        raise
    driver.execute("RELEASE SAVEPOINT work")


def _tell(works: list[Work]) -> None:
    by: dict[Callable[[list[Work]], None], list[Work]] = {}
    for work in works:
        by.setdefault(work.tell, []).append(work)
    for tell, told in by.items():
        with contextlib.suppress(RuntimeError):  # an event loop that has closed since
            tell(told)
