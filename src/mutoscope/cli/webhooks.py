"""`mutoscope webhooks`: who is told, what was told, and telling it again; beside a running server or not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from mutoscope.cli.records import opened, print_json
from mutoscope.errors import BadInput

if TYPE_CHECKING:
    from mutoscope.jobs.delivery_log import DeliveryRow

app = App(name="webhooks", help="Show who is told of finished films, and tell them again.")
Json = Annotated[bool, Parameter(name="--json", negative="")]


@app.command(name="list")
def list_(*, data: Path | None = None, config: Path | None = None, as_json: Json = False) -> None:
    """List the endpoints of every project.

    Parameters
    ----------
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    from mutoscope.outside.endpoints import everyones

    with opened(data, config) as (records, _):
        found = records.read_now(everyones)
    if as_json:
        rows = [msgspec.to_builtins(one) for one in found]
        print_json([{name: row[name] for name in row if name != "signing"} for row in rows])
        return
    if not found:
        print("no endpoints; POST /v1/webhook_endpoints makes one")
        return
    table(
        ("id", "project", "name", "state", "event types", "url"),
        [
            (one.id, one.project, one.name, one.status, " ".join(one.event_types), one.url)
            for one in found
        ],
    )


@app.command
def deliveries(
    *,
    status: str | None = None,
    event: str | None = None,
    endpoint: str | None = None,
    project: str | None = None,
    limit: int = 20,
    data: Path | None = None,
    config: Path | None = None,
    as_json: Json = False,
) -> None:
    """Show what was told to whom, the newest first.

    Parameters
    ----------
    status
        Only those that are pending, delivered or failed.
    event
        Only those of this event.
    endpoint
        Only those to this endpoint.
    project
        Only those of this project.
    limit
        How many.
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON, with every attempt.
    """
    from mutoscope.jobs.delivery_log import delivery_page

    if status not in (None, "pending", "delivered", "failed"):
        raise BadInput(f"--status is {status!r}; it must be pending, delivered or failed")
    if not 1 <= limit <= 10_000:
        raise BadInput(f"--limit is {limit}; it must be 1 to 10,000")
    with opened(data, config) as (records, _):
        page = records.read_now(
            lambda c: delivery_page(
                c, project, limit=limit, status=status, event=event, endpoint=endpoint
            )
        )
    if as_json:
        print_json([msgspec.to_builtins(row) for row in page.rows])
        return
    if not page.rows:
        print("no deliveries")
        return
    for row in page.rows:
        print(line(row))


@app.command
def replay(
    id: str, *, data: Path | None = None, config: Path | None = None, as_json: Json = False
) -> None:
    """Tell again: an event to everybody who wants it now, or one delivery to its receiver.

    A server that runs on the data folder delivers it within two seconds.

    Parameters
    ----------
    id
        The event's id (evt_…) or the delivery's (dlv_…).
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    from mutoscope.jobs.delivery_log import replay_delivery, replay_event

    with opened(data, config) as (records, _):
        if id.startswith("evt_"):
            made = records.write_now(lambda c: replay_event(c, None, id))
        else:
            one = records.write_now(lambda c: replay_delivery(c, None, id))
            made = None if one is None else [one]
    if made is None:
        raise BadInput(f"there is no event or delivery {id!r}; `mutoscope webhooks deliveries` shows them")  # fmt: skip
    if not made:
        raise BadInput(f"nobody wants the event {id}: no enabled endpoint takes its type")
    if as_json:
        print_json({"replayed": id, "deliveries": made})
    else:
        print(f"{id} is told again: {', '.join(made)}")


@app.command
def secret(
    *,
    project: str = "default",
    rotate: bool = False,
    keep_old: bool = False,
    data: Path | None = None,
    config: Path | None = None,
    as_json: Json = False,
) -> None:
    """Show the secret that signs webhooks which jobs name themselves (`webhook_url`).

    Endpoints have secrets of their own, shown when they are made.

    Parameters
    ----------
    project
        Whose.
    rotate
        Make a new one first.
    keep_old
        With --rotate: let the old one sign too, for 24 hours.
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    from mutoscope.outside.endpoints import project_secret, rotate_project_secret

    if keep_old and not rotate:
        raise BadInput("--keep-old belongs to --rotate")
    with opened(data, config) as (records, _):
        if rotate:
            signing = records.write_now(lambda c: rotate_project_secret(c, project, keep=keep_old))
        else:
            signing = records.write_now(lambda c: project_secret(c, project))
    if as_json:
        print_json({"project": project, "signing_secret": signing.secret})
    else:
        print(signing.secret)


def line(row: DeliveryRow) -> str:
    """A delivery as two lines: what became of it, and what it is."""
    last = row.attempts[-1] if row.attempts else None
    said = "" if last is None else f", last: {last['status'] or last['error']}"
    tries = "1 attempt" if row.attempt == 1 else f"{row.attempt} attempts"
    due = ""
    if row.next_attempt is not None:
        due = f", next in {max(0, row.next_attempt - time.time()):.0f} s"
    return f"{row.id}  {row.status}, {tries}{said}{due}\n  {row.event} to {row.url}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        shown.add_column(column, no_wrap=place == 0, overflow="fold")
    for row in rows:
        shown.add_row(*map(Text, row))
    Console().print(shown)
