"""A machine makes jobs, claims, renews, commits, cancels and lets time pass in every order, on both
databases, beside a model in plain Python: the rows are the model's, and no fence is held twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from ledger_jobs import lease_of, new_job, pass_time
from sqlalchemy import delete

from mutoscope.jobs.committing import CANCEL_WAIT
from mutoscope.jobs.job import Change, Job, Lease
from mutoscope.jobs.ledger import Ledger
from mutoscope.storage.records import Records
from mutoscope.storage.tables import events, jobs

pytestmark = pytest.mark.slow

#: Waits are whole steps, leases end between two: real milliseconds decide nothing.
STEP, LEASE = 100.0, 150.0
OWNERS = st.sampled_from(["a", "b"])


@dataclass
class Expected:
    """What the row of a job should say. Times are of the machine's own clock."""

    due: float | None
    stage: str = "inputs"
    owner: str | None = None
    until: float | None = None
    fence: int = 0
    attempt: int = 0
    cancel: bool = False
    events: int = 0


class Machine(RuleBasedStateMachine):
    records: Records

    def __init__(self) -> None:
        super().__init__()
        self.records.write_now(lambda c: (c.execute(delete(jobs)), c.execute(delete(events))))
        self.ledger = Ledger(self.records)
        self.runner = asyncio.Runner()
        self.time = 0.0
        self.expected: dict[str, Expected] = {}
        self.given: list[Lease] = []  # every lease there ever was

    def teardown(self) -> None:
        self.runner.close()

    @rule(wait=st.sampled_from([0.0, STEP]), stage=st.sampled_from(["inputs", "poll"]))
    def create(self, wait: float, stage: str) -> None:
        new = new_job(delay=wait, stage=stage)
        assert self.runner.run(self.ledger.create(new)).fresh
        self.expected[new.id] = Expected(self.time + wait, stage)

    @rule(
        owner=OWNERS,
        limit=st.integers(1, 3),
        stages=st.sampled_from([None, ("poll",), ("inputs", "submit")]),
    )
    def claim(self, owner: str, limit: int, stages: tuple[str, ...] | None) -> None:
        may = {
            name
            for name, row in self.expected.items()
            if row.due is not None
            and row.due <= self.time
            and (row.until is None or row.until <= self.time)
            and (stages is None or row.stage in stages)
        }
        taken = self.runner.run(self.ledger.claim(owner, limit=limit, lease=LEASE, stages=stages))
        assert len(taken) == min(limit, len(may))
        assert {job.id for job in taken} <= may
        for job in taken:
            row = self.expected[job.id]
            row.owner, row.until = owner, self.time + LEASE
            row.fence += 1
            row.attempt += 1
            assert job.fence == row.fence
            assert lease_of(job) not in self.given
            self.given.append(lease_of(job))

    def holds(self, lease: Lease) -> bool:
        row = self.expected[lease.job]
        return row.due is not None and (row.owner, row.fence) == (lease.owner, lease.fence)

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        if not self.given:
            return
        leases = data.draw(st.lists(st.sampled_from(self.given), unique=True, max_size=6))
        held = {lease.job for lease in leases if self.holds(lease)}
        assert self.runner.run(self.ledger.renew(leases, LEASE)) == held
        for job in held:
            self.expected[job].until = self.time + LEASE

    @rule(data=st.data(), change=st.sampled_from(["wait", "stage", "hold", "end"]))
    def commit(self, data: st.DataObject, change: str) -> None:
        if not self.given:
            return
        lease = data.draw(st.sampled_from(self.given))
        changes = {
            "wait": Change(wait=STEP),
            "stage": Change(stage="submit"),
            "hold": Change(stage="poll", hold=True),
            "end": Change(ended=True, status="completed", event="video.completed"),
        }
        made = self.runner.run(self.ledger.commit(lease, changes[change]))
        assert made == self.holds(lease)
        if not made:
            return
        row = self.expected[lease.job]
        row.due = self.time
        if change == "wait" and not row.cancel:
            row.due += STEP
        elif change == "wait":
            pass_time(self.records, CANCEL_WAIT)
        if change in ("stage", "hold"):
            stage = changes[change].stage
            assert stage is not None
            row.attempt = row.attempt if stage == row.stage else int(change == "hold")
            row.stage = stage
        if change == "end":
            row.due, row.events = None, 1
        if change != "hold":
            row.owner = row.until = None

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if not self.expected:
            return
        name = data.draw(st.sampled_from(sorted(self.expected)))
        assert self.runner.run(self.ledger.cancel(name, "default")) is not None
        row = self.expected[name]
        if row.due is not None:
            row.due, row.cancel = self.time, True

    @rule(steps=st.integers(1, 3))
    def let_time_pass(self, steps: int) -> None:
        pass_time(self.records, steps * STEP)
        self.time += steps * STEP

    @rule(owner=OWNERS)
    def restart(self, owner: str) -> None:
        held = [row for row in self.expected.values() if row.owner == owner]
        assert self.runner.run(self.ledger.clear_leases(owner)) == len(held)
        for row in held:
            row.owner = row.until = None

    @invariant()
    def the_rows_are_as_expected(self) -> None:
        page = self.runner.run(self.ledger.page("default", limit=1000))
        assert page is not None
        found = {job.id: self.summary(job) for job in page.jobs}
        wanted = {
            name: (row.due is None, row.stage, row.owner, row.fence, row.attempt)
            for name, row in self.expected.items()
            if not row.cancel
        }
        assert found == wanted
        wait = self.runner.run(self.ledger.seconds_to_next())
        assert (wait is None) == all(row.due is None for row in self.expected.values())
        told = self.records.read_now(lambda c: c.execute(events.select()).all())
        assert sorted(row.subject for row in told) == sorted(
            name for name, row in self.expected.items() if row.events
        )

    @staticmethod
    def summary(job: Job) -> tuple[Any, ...]:
        return (job.due is None, job.stage, job.lease_owner, job.fence, job.attempt)


@pytest.fixture
def machine(records: Records) -> type[Machine]:
    return type("MachineHere", (Machine,), {"records": records})


def test_the_ledger_keeps_to_its_model(machine: type[Machine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=16,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_the_ledger_keeps_to_its_model_for_long(machine: type[Machine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=60,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
