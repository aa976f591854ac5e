from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from mutoscope.compute.ahead import ahead


def test_items_come_in_their_order() -> None:
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []


def test_it_works_in_another_thread_and_no_further_ahead_than_its_depth() -> None:
    made: list[int] = []
    seen: set[int] = set()

    def items() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            seen.add(threading.get_ident())
            yield number

    reader = ahead(items(), depth=3)
    for number in reader:
        assert len(made) <= number + 1 + 3 + 2
    assert seen
    assert threading.get_ident() not in seen


def test_an_error_arrives_at_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("two")

    reader = ahead(items())
    assert next(reader) == 1
    with pytest.raises(KeyError, match="two"):
        next(reader)


def test_leaving_early_closes_the_source() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    reader = ahead(items())
    next(reader)
    reader.close()  # type: ignore[attr-defined]
    assert closed.is_set()
