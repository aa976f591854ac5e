"""What follows from an attempt, and which receiver gets the next: without a network or a clock."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutoscope.jobs.lanes import NARROW, REMEMBERED, WIDE, Lanes
from mutoscope.jobs.verdicts import KEPT_FIRST, KEPT_LAST, Backoff, entries, judge
from mutoscope.outside.webhooks import Outcome, _seconds

DAY = 86400.0


def outcome(status: int | None, **more: Any) -> Outcome:
    return Outcome(1.0, status, 5, None if status else "no connection could be made", **more)


@pytest.mark.parametrize(
    ("status", "word", "gone"),
    [(200, "delivered", False), (204, "delivered", False), (299, "delivered", False),
     (301, "retried", False), (400, "retried", False), (404, "retried", False),
     (410, "failed", True), (429, "retried", False), (500, "retried", False),
     (None, "retried", False)],
)  # fmt: skip
def test_what_an_answer_means(status: int | None, word: str, gone: bool) -> None:
    verdict = judge(
        outcome(status), attempt=1, age=0, window=3 * DAY, backoff=Backoff(), chance=0.5
    )
    assert (verdict.word, verdict.gone) == (word, gone)
    assert (verdict.wait is not None) is (word == "retried")


def test_retry_after_lengthens_the_wait_but_not_the_window() -> None:
    def wait(asked: float, age: float = 0.0) -> float | None:
        busy = outcome(503, retry_after=asked)
        return judge(busy, attempt=1, age=age, window=3 * DAY, backoff=Backoff(), chance=0.5).wait

    assert wait(1) == 5
    assert wait(600) == 600
    assert wait(9 * DAY) == 3 * DAY
    assert wait(600, age=3 * DAY - 100) == 100


@given(st.integers(1, 10**6), st.floats(0, 4 * DAY), st.floats(0, 1))
def test_no_attempt_is_made_after_the_window(attempt: int, age: float, chance: float) -> None:
    verdict = judge(
        outcome(500), attempt=attempt, age=age, window=3 * DAY, backoff=Backoff(), chance=chance
    )
    if verdict.wait is not None:
        assert verdict.wait > 0
        assert age + verdict.wait <= 3 * DAY * (1 + 1e-12)


def test_three_days_are_some_thirty_attempts() -> None:
    age, attempt = 0.0, 1
    while True:
        verdict = judge(
            outcome(500), attempt=attempt, age=age, window=3 * DAY, backoff=Backoff(), chance=0.5
        )
        if verdict.wait is None:
            break
        age, attempt = age + verdict.wait, attempt + 1
    assert age == 3 * DAY  # the last one is made as the window closes
    assert 20 < attempt < 40


def test_a_log_keeps_the_first_and_the_last() -> None:
    log: list[dict[str, Any]] = []
    for n in range(100):
        log = entries(log, Outcome(float(n), 500, 5))
    ats = [entry["at"] for entry in log]
    assert ats == [*range(KEPT_FIRST), *range(100 - KEPT_LAST, 100)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, None), ("120", 120.0), (" 7 ", 7.0), ("-1", None), ("soon", None), ("", None),
     ("Thu, 01 Jan 1970 00:02:00 GMT", 60.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
     ("9" * 400, 999999999.0), ("١٢", None)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(
    text: str | None, expected: float | None
) -> None:
    assert _seconds(text, 60.0) == expected


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_lane_takes_a_few_and_gives_their_places_back() -> None:
    lanes = Lanes(10)
    taken = [n for n in range(10) if lanes.enter(f"d{n}", "http://a.example/x?n=1")]
    assert len(taken) == NARROW
    assert lanes.shut() == ("http://a.example",)
    assert lanes.enter("other", "http://a.example:8080/x")
    lanes.leave("d0")
    assert lanes.shut() == ()
    assert lanes.enter("d9", "http://a.example/")


def test_all_lanes_together_have_room_for_so_many() -> None:
    lanes = Lanes(3)
    assert [lanes.enter(f"d{n}", f"http://{n}.example/") for n in range(5)] == [True] * 3 + [False] * 2  # fmt: skip


def test_quick_answers_widen_a_lane_and_a_failure_narrows_it_to_one() -> None:
    time = Time()
    lanes = Lanes(1000, clock=time)
    url = "https://a.example/hook"
    for n in range(100):
        assert lanes.enter(f"d{n}", url)
        lanes.learn(f"d{n}", outcome(200))
        lanes.leave(f"d{n}")
    assert sum(lanes.enter(f"e{n}", url) for n in range(100)) == WIDE
    lanes.learn("e0", outcome(500))
    for n in range(WIDE):
        lanes.leave(f"e{n}")
    assert lanes.shut() == ("https://a.example",)
    time.now += 1
    assert lanes.shut() == ()
    assert sum(lanes.enter(f"f{n}", url) for n in range(100)) == 1


def test_a_receiver_that_stays_away_is_left_alone_longer_and_forgotten_at_last() -> None:
    time = Time()
    lanes = Lanes(10, first=0.5, clock=time)
    pauses = []
    for n in range(12):
        assert lanes.enter(f"d{n}", "http://a.example/")
        lanes.learn(f"d{n}", outcome(None))
        lanes.leave(f"d{n}")
        began = time.now
        while lanes.shut():
            time.now += 0.05
        pauses.append(time.now - began)
    assert 0.3 < pauses[0] < 0.8
    assert 1.5 < pauses[2] < 2.6
    assert 45 < pauses[-1] < 75
    time.now += REMEMBERED + 1
    assert lanes.shut() == ()
    assert sum(lanes.enter(f"e{n}", "http://a.example/") for n in range(9)) == NARROW
