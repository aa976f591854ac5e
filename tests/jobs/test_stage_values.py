"""What stages reckon with: pauses, times, backoff, errors as a job keeps them."""

from __future__ import annotations

import pytest

from mutoscope.config import Jobs
from mutoscope.engines.base import Operation, Status
from mutoscope.errors import CannotWrite, ContractRefused, EngineFailed
from mutoscope.jobs.held import applied
from mutoscope.jobs.job import Change, Job
from mutoscope.jobs.pace import Pace
from mutoscope.jobs.stages.ending import problem
from mutoscope.jobs.stages.poll import pause, time_left
from mutoscope.jobs.stages.submit import backoff
from mutoscope.shot import Shot, Size
from workshop import new_job

RUNNING = Status("running", 0.5)


@pytest.mark.parametrize(
    ("status", "spent", "least", "most"),
    [
        (RUNNING, 0.0, 1.8, 2.0),  # at first, soon
        (RUNNING, 60.0, 9.0, 10.0),
        (RUNNING, 3600.0, 27.0, 30.0),  # never later than poll_last
        (Status("running", wait=7.0), 3600.0, 7.0, 7.7),  # as the engine asks
        (Status("running", left=8.0), 3600.0, 3.6, 4.0),  # near the end, sooner
        (Status("running", left=300.0), 0.0, 27.0, 30.0),  # far from it, not before
    ],
)
def test_a_pause_grows_with_time_and_obeys_the_engine(
    status: Status, spent: float, least: float, most: float
) -> None:
    pauses = [pause(Jobs(), status, spent, status.left) for _ in range(50)]
    assert all(least <= one <= most for one in pauses)
    assert len(set(pauses)) > 1  # never at the same moment for all


@pytest.mark.parametrize(
    ("status", "typical", "expected"),
    [
        (Status("running", 0.5, left=12.0), 300.0, 12.0),
        (Status("running", 0.5), 300.0, 60.0),
        (Status("running", 0.0), 300.0, 240.0),
        (Status("running", 0.0), 10.0, 5.0),
        (Status("running", 0.0), None, None),
    ],
)
def test_the_time_left_is_told_by_whoever_knows_best(
    status: Status, typical: float | None, expected: float | None
) -> None:
    assert time_left(status, 60.0, typical) == expected


def test_backoff_doubles_up_to_a_minute_and_obeys_retry_after() -> None:
    assert 0.75 <= backoff(0) <= 1.25
    assert 6.0 <= backoff(3) <= 10.0
    assert backoff(50) <= 75.0
    assert backoff(0, 40.0) >= 40.0


def test_a_film_takes_as_long_as_those_before_it_did() -> None:
    pace, shot = Pace(), Shot(size=Size(1000, 1000), seconds=1, fps=10)
    assert pace.left("sketch", shot, 0.0, 0.0) is None
    pace.learn("sketch", shot, 20.0)
    assert pace.left("sketch", shot, 0.0, 0.0) == pytest.approx(20.0)
    assert pace.left("sketch", shot, 0.5, 20.0) == pytest.approx(15.0)  # itself 20, the others 10
    assert pace.left("sketch", Shot(size=Size(1000, 500), seconds=1, fps=10), 0.0, 0.0) == (
        pytest.approx(10.0)
    )


def test_an_error_is_kept_without_folders_of_the_machine() -> None:
    kept = problem(CannotWrite("/srv/data/work/jobs/video_1.2/footage.mp4 cannot be written: full"))
    assert "/srv" not in kept.message + kept.hint
    refused = problem(ContractRefused("size is 2x2", field="size", hint="take 4x4"))
    assert (refused.code, refused.param, refused.hint) == ("invalid_value", "size", "take 4x4")
    assert problem(EngineFailed("no", code="moderation_blocked")).code == "moderation_blocked"


def test_a_job_goes_on_as_a_held_change_left_it() -> None:
    new = new_job()
    job = Job(
        id=new.id, object="video", project="p", key_id=None, dialect="openai", kind="create",
        model="m", engine="paper", status="queued", stage="submit", due=0.0, priority=0,
        deadline=None, lease_owner="me", lease_until=9.0, fence=1, attempt=1,
        cancel_requested=False, intent_at=None, intent_seq=0, account=None, operation=None,
        progress=0.0, expected_end=None, shot=new.shot, asked={}, work={}, result=None, error=None,
        warnings=(), parent=None, batch=None, idempotency_key=None, fingerprint=None,
        webhook_url=None, created=0.0, started=None, ended=None, expires=None,
    )  # fmt: skip
    meant = applied(job, Change(hold=True, intent=True, account="paper"))
    assert (meant.intent_at is not None, meant.intent_seq, meant.account) == (True, 1, "paper")
    sent = applied(meant, Change(stage="poll", intent=False, operation=Operation("paper", {})))
    assert (sent.intent_at, sent.intent_seq, sent.stage, sent.attempt) == (None, 1, "poll", 0)
