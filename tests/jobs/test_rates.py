"""Rates hold over minutes and across servers."""

from __future__ import annotations

import pytest
from ledger_jobs import pass_time

from mutoscope.jobs.rates import take
from mutoscope.storage.records import Records


def test_a_burst_then_one_at_a_time(records: Records) -> None:
    def ask() -> float:
        return records.write_now(lambda c: take(c, "engine/relay/create", 6, burst=3))

    assert [ask(), ask(), ask()] == [0.0, 0.0, 0.0]
    assert ask() == pytest.approx(10, abs=0.5)
    pass_time(records, 5)
    assert ask() == pytest.approx(5, abs=0.5)
    pass_time(records, 5)
    assert ask() == 0.0
    assert ask() > 9
    pass_time(records, 1000)  # what was not used long ago is no more than a burst
    assert [ask(), ask(), ask()] == [0.0, 0.0, 0.0]
    assert ask() > 9


def test_names_are_limited_apart_and_none_is_no_limit(records: Records) -> None:
    assert records.write_now(lambda c: take(c, "a", 1)) == 0.0
    assert records.write_now(lambda c: take(c, "b", 1)) == 0.0
    assert records.write_now(lambda c: take(c, "a", 1)) == pytest.approx(60, abs=1)
    assert [records.write_now(lambda c: take(c, "a", 0)) for _ in range(3)] == [0.0] * 3


def test_a_take_that_is_undone_was_not_taken(records: Records) -> None:
    def take_and_fail(connection: object) -> None:
        assert take(connection, "a", 1) == 0.0  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        records.write_now(take_and_fail)
    assert records.write_now(lambda c: take(c, "a", 1)) == 0.0
