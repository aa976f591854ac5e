"""PostgreSQL goes away: what was promised is kept, what was not is made once, nobody waits for ever."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from databases import Place, Postgres
from mutoscope.storage.address import database
from mutoscope.storage.postgres import HALTED
from mutoscope.storage.records import Records, RecordsUnavailable
from mutoscope.storage.tables import commits, rates

pytestmark = pytest.mark.slow


@pytest.fixture
def here(postgres: Postgres, tmp_path: Path) -> Place:
    return Place(postgres.fresh(), tmp_path)


def until(condition: object, seconds: float = 10.0) -> None:
    """Wait for a condition, which is a function."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def count_up(connection: Connection) -> float:
    moved = update(rates).where(rates.c.name == "counter").values(arrival=rates.c.arrival + 1)
    return float(connection.execute(moved.returning(rates.c.arrival)).scalar_one())


def counter(connection: Connection) -> float:
    return float(connection.execute(select(rates.c.arrival)).scalar_one())


@pytest.fixture
def records_here(here: Place) -> Records:
    records = here.open()
    records.write_now(lambda c: c.execute(insert(rates).values(name="counter", arrival=0.0)))
    return records


def test_a_connection_lost_before_the_commit_runs_its_works_again(records_here: Records) -> None:
    tries = []

    def lose_it_once(connection: Connection) -> float:
        tries.append(1)
        counted = count_up(connection)
        if len(tries) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return counted

    with records_here as records:
        assert records.write_now(lose_it_once) == 1.0
        assert len(tries) == 2
        assert records.read_now(counter) == 1.0


def test_a_connection_lost_in_the_commit_is_asked_what_came_of_it(
    records_here: Records, postgres: Postgres
) -> None:
    """A commit that waits for a replica which never comes has been made here: it is not made again."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with records_here as records:
        done: list[float] = []
        postgres.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try:
            postgres.run("SELECT pg_reload_conf()")
            until(lambda: postgres.run("SHOW synchronous_standby_names")[0][0])
            time.sleep(0.5)  # that was one session; those of `records` hear of it on their own
            writer = threading.Thread(target=lambda: done.append(records.write_now(count_up)))
            writer.start()
            until(lambda: postgres.run(waiting))
        finally:
            # a server that waits hears of the change, so the connection is cut first
            postgres.run(f"SELECT pg_terminate_backend(pid) FROM ({waiting}) AS them")
            postgres.run("ALTER SYSTEM RESET synchronous_standby_names")
            postgres.run("SELECT pg_reload_conf()")
        writer.join(20)
        assert done == [1.0]
        assert records.read_now(counter) == 1.0
        assert records.write_now(count_up) == 2.0


def test_a_process_that_is_halted_in_the_midst_of_a_work_does_not_keep_its_rows(
    records_here: Records, here: Place
) -> None:
    tries = []

    def halted_once(connection: Connection) -> float:
        tries.append(1)
        counted = count_up(connection)
        if len(tries) == 1:
            shown = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
            assert shown == f"{HALTED}s"
            connection.execute(text("SET idle_in_transaction_session_timeout = '100ms'"))
            until(lambda: beside.read_now(sessions) == 0)
        return counted

    def sessions(connection: Connection) -> int:
        found = text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                     " AND datname = current_database()")  # fmt: skip
        return int(connection.execute(found).scalar_one())

    with (
        records_here as records,
        here.open() as beside,
    ):
        assert records.write_now(halted_once) == 1.0
        assert len(tries) == 2
        assert records.read_now(counter) == 1.0


@pytest.mark.slow
def test_a_commit_in_doubt_is_waited_for(here: Place) -> None:
    """It is not taken for lost while the server is still at it."""
    place = database(here.url, here.data)
    with place.writes.connect() as first, place.writes.connect() as other:
        place.mark(first, "w", 0)
        first.commit()
        place.mark(first, "w", 1)
        with pytest.raises(DBAPIError, match="lock timeout"):
            place.marked(other, "w")
        other.rollback()
        first.commit()
        assert place.marked(other, "w") == 1


@pytest.mark.slow
def test_a_database_that_stays_away_is_said_to_be_and_comes_back(
    here: Place, postgres: Postgres
) -> None:
    with here.open(patience=0.4) as records:
        records.write_now(lambda c: c.execute(insert(rates).values(name="counter", arrival=0.0)))
        postgres.stop()
        try:
            for ask in (records.write, records.read):
                with pytest.raises(RecordsUnavailable, match="cannot be reached") as said:
                    asyncio.run(ask(counter))
                assert said.value.status == 503
                assert "\n" not in said.value.message
            with pytest.raises(RecordsUnavailable, match="cannot be reached"):
                here.open()
        finally:
            postgres.start()
        assert records.write_now(count_up) == 1.0
        assert records.read_now(counter) == 1.0


def test_closing_does_not_wait_for_a_database_that_is_away(here: Place, postgres: Postgres) -> None:
    records = here.open(patience=60.0)
    postgres.stop()
    try:
        failed: list[BaseException] = []

        def write() -> None:
            try:
                records.write_now(count_up)
            except BaseException as error:
                failed.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        began = time.monotonic()
        records.close()
        assert time.monotonic() - began < 5
        writer.join(5)
        assert isinstance(failed[0], RecordsUnavailable)
    finally:
        postgres.start()


@pytest.mark.slow
def test_two_works_in_each_others_way_are_both_done(here: Place) -> None:
    """A deadlock between two servers: PostgreSQL undoes one, which runs again."""
    first_lock = threading.Barrier(2)
    tries: list[str] = []

    def both(mine: str, other: str) -> object:
        def work(connection: Connection) -> None:
            tries.append(mine)
            for name in (mine, other):
                named = update(rates).where(rates.c.name == name)
                connection.execute(named.values(arrival=rates.c.arrival + 1))
                if name == mine and tries.count(mine) == 1:
                    first_lock.wait(10)

        return work

    with here.open() as one, here.open() as two:
        for name in ("x", "y"):
            one.write_now(lambda c, n=name: c.execute(insert(rates).values(name=n, arrival=0.0)))  # type: ignore[misc]
        threads = [
            threading.Thread(target=lambda: one.write_now(both("x", "y"))),  # type: ignore[arg-type]
            threading.Thread(target=lambda: two.write_now(both("y", "x"))),  # type: ignore[arg-type]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(tries) > 2
        assert one.read_now(lambda c: c.execute(select(rates.c.arrival)).scalars().all()) == [2, 2]


def test_writers_leave_no_marks_when_they_end(here: Place) -> None:
    with here.open() as records:
        records.write_now(lambda c: None)
        assert len(records.read_now(lambda c: c.execute(select(commits)).all())) == 1
    with here.open() as records:
        assert records.read_now(lambda c: c.execute(select(commits)).all()) == []


def test_a_connection_that_broke_in_a_pipeline_is_taken_for_lost(here: Place) -> None:
    """So its driver says where a server ends while several statements are on their way."""
    import psycopg

    said = "sending query failed: cannot exit pipeline mode while busy\nPQsendQuery not allowed"
    error = DBAPIError("ROLLBACK", {}, psycopg.OperationalError(said))
    assert database(here.url, here.data).lost(error)
