"""`mutoscope jobs`: look at jobs, and decide about those that the server must not decide itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from cyclopts import App, Parameter

from mutoscope.cli.records import opened, print_json

if TYPE_CHECKING:
    from mutoscope.jobs.job import Job

app = App(name="jobs", help="Look at a server's jobs, and decide about those it must not.")
Json = Annotated[bool, Parameter(name="--json", negative="")]


@app.command(name="list")
def list_(
    *,
    state: Literal["open", "unconfirmed", "failed", "all"] = "open",
    limit: int = 50,
    data: Path | None = None,
    config: Path | None = None,
    as_json: Json = False,
) -> None:
    """List jobs of every project, the newest first.

    Parameters
    ----------
    state
        Which: open (they wait or run), unconfirmed (they wait for you), failed, or all.
    limit
        How many at most.
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    from mutoscope.jobs import owner

    with opened(data, config) as (records, _):
        found = owner.listed(records, state, max(1, limit))
    if as_json:
        print_json([row(job) for job in found])
        return
    if not found:
        print(f"no jobs are {state}" if state != "all" else "no jobs")
        return
    for job in found:  # an id fills most of a line
        print(job.id)
        print(
            f"  {job.status} at {job.stage}, {100 * job.progress:.0f} %, {age(job.created)} old; "
            f"engine {job.engine}, project {job.project}"
        )
        if because := why(job):
            print(f"  {because}")


@app.command
def show(id: str, *, data: Path | None = None, config: Path | None = None) -> None:
    """Show all that is written down about a job, as JSON.

    Parameters
    ----------
    id
        The job's id.
    data
        The server's data folder.
    config
        The server's settings file.
    """
    from mutoscope.jobs import owner

    with opened(data, config) as (records, _):
        print_json(msgspec.to_builtins(whole(owner.found(records, id)), enc_hook=str))


@app.command
def resend(id: str, *, data: Path | None = None, config: Path | None = None) -> None:
    """Hand an unconfirmed shot to its engine again.

    Do so where the account at the engine shows that it did not take the shot: otherwise it is paid for
    twice.

    Parameters
    ----------
    id
        The job's id.
    data
        The server's data folder.
    config
        The server's settings file.
    """
    from mutoscope.jobs import owner

    with opened(data, config) as (records, _):
        owner.resend(records, id)
    print(f"{id} is sent again as soon as a server runs")


@app.command
def close(id: str, *, data: Path | None = None, config: Path | None = None) -> None:
    """End an unconfirmed job as failed. Nothing is sent, and nothing is fetched for it.

    Parameters
    ----------
    id
        The job's id.
    data
        The server's data folder.
    config
        The server's settings file.
    """
    from mutoscope.jobs import owner
    from mutoscope.jobs.outbox import Outbox

    with opened(data, config) as (records, settings):
        owner.close(records, id, Outbox(records, settings))
    print(f"{id} has failed: unconfirmed")


def row(job: Job) -> dict[str, Any]:
    """What a list shows of a job."""
    return {
        "id": job.id, "object": job.object, "project": job.project, "status": job.status,
        "stage": job.stage, "engine": job.engine, "model": job.model, "progress": job.progress,
        "created": job.created, "deadline": job.deadline, "why": why(job),
    }  # fmt: skip


def whole(job: Job) -> dict[str, Any]:
    """A job as values."""
    return {name: getattr(job, name) for name in type(job).__dataclass_fields__}


def why(job: Job) -> str:
    """Why it failed, or what it last waited for."""
    return job.error.message if job.error is not None else str(job.work.get("last", ""))


def age(since: float) -> str:
    """Seconds, minutes, hours or days."""
    seconds = max(0.0, time.time() - since)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
