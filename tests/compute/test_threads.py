"""Work beside the caller: results, errors, progress, stopping."""

import threading

import pytest

from mutoscope.compute.threads import Cancel, Progress, Threads
from mutoscope.errors import Cancelled


def test_the_result_comes_back() -> None:
    threads = Threads()
    job = threads.submit(lambda progress, cancel: 7)
    assert threads.result(job) == 7
    assert not threads.known(job)


def test_an_error_is_raised_where_the_result_is_fetched() -> None:
    def work(progress: Progress, cancel: Cancel) -> int:
        raise ValueError("no")

    threads = Threads()
    job = threads.submit(work)
    assert threads.ended(job, wait=5)
    assert isinstance(threads.error(job), ValueError)
    with pytest.raises(ValueError, match="no"):
        threads.result(job)


def test_progress_is_seen_and_cancel_stops_the_work() -> None:
    told = threading.Event()

    def work(progress: Progress, cancel: Cancel) -> int:
        progress("render", 0.5)
        told.set()
        while not cancel():
            pass
        raise Cancelled("stopped")

    threads = Threads()
    job = threads.submit(work)
    assert told.wait(5)
    assert threads.progress(job) == ("render", 0.5)
    assert not threads.ended(job)
    threads.cancel(job)
    with pytest.raises(Cancelled):
        threads.result(job)


def test_arguments_come_before_progress_and_cancel() -> None:
    def work(first: int, second: int, progress: Progress, cancel: Cancel) -> int:
        return first - second

    threads = Threads()
    assert threads.result(threads.submit(work, 9, 2)) == 7


def test_whoever_waits_is_told_once_of_the_end_also_when_it_is_over() -> None:
    go, told = threading.Event(), threading.Event()

    def work(progress: Progress, cancel: Cancel) -> int:
        go.wait(5)
        return 7

    threads = Threads()
    job = threads.submit(work)
    threads.when_ended(job, told.set)
    assert not told.is_set()
    go.set()
    assert told.wait(5)
    late: list[int] = []
    threads.when_ended(job, lambda: late.append(1))
    assert late == [1]


def test_cancelling_what_is_not_known_does_nothing() -> None:
    Threads().cancel("nobody")
