"""`mutoscope keys`: make, list and revoke API keys, beside a running server or without one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from cyclopts import App, Parameter

from mutoscope.cli import records
from mutoscope.cli.records import print_json
from mutoscope.errors import BadInput

if TYPE_CHECKING:
    from mutoscope.server.keys import Key, Keys

app = App(name="keys", help="Make, list and revoke API keys.")
Json = Annotated[bool, Parameter(name="--json", negative="")]
_SPANS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}


@app.command
def create(
    *,
    name: str = "",
    project: str = "default",
    scope: tuple[str, ...] = (),
    expires: str | None = None,
    requests_per_minute: int | None = None,
    jobs_at_once: int | None = None,
    data: Path | None = None,
    config: Path | None = None,
    as_json: Json = False,
) -> None:
    """Make a key. It is shown once: only its hash is kept.

    From the first key on, every request needs one.

    Parameters
    ----------
    name
        What it is for, to tell keys apart.
    project
        Whose films, files and characters it sees.
    scope
        What it may do, such as videos:read; several with --scope each; without one, everything.
    expires
        When it ends: 30d, 12h, 2w, or a day such as 2027-01-31 (UTC).
    requests_per_minute
        How many requests a minute it may send.
    jobs_at_once
        How many films of it may wait or run at a time.
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    for option, value in (
        ("--requests-per-minute", requests_per_minute),
        ("--jobs-at-once", jobs_at_once),
    ):
        if value is not None and value < 1:
            raise BadInput(f"{option} is {value}; it must be at least 1, or left out")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", project):
        raise BadInput(f"--project is {project!r}; it must be 1 to 64 letters, digits, _ . or -")
    until = ends(expires, time.time()) if expires else None
    with opened(data, config) as keys:
        secret, key = keys.create(
            project=project,
            name=name,
            scopes=scope,
            requests_per_minute=requests_per_minute,
            jobs_at_once=jobs_at_once,
            expires=until,
        )
    if as_json:
        print_json(row(key) | {"key": secret})
        return
    print(secret)
    print(f"This is key {key.id} of project {key.project}. It is not shown again.")


@app.command(name="list")
def list_(*, data: Path | None = None, config: Path | None = None, as_json: Json = False) -> None:
    """List the keys: what each may do, and whether it still may.

    Parameters
    ----------
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    with opened(data, config) as keys:
        found = keys.list()
    if as_json:
        print_json([row(key) for key in found])
        return
    if not found:
        print("no keys; `mutoscope keys create` makes one")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("id, beginning", no_wrap=True)
    for column in ("project", "name", "state", "ends", "may"):
        table.add_column(column, overflow="fold", no_wrap=column in ("state", "ends"))
    for key in found:
        limits = [f"{key.requests_per_minute} a minute"] if key.requests_per_minute else []
        limits += [f"{key.jobs_at_once} jobs"] if key.jobs_at_once else []
        may = [" ".join(key.scopes) or "everything", *limits]
        table.add_row(
            Text(f"{key.id}\n").append(f"{key.shown}…", "dim"),
            Text(key.project),
            Text(key.name),
            Text(key.state(time.time())),
            Text(day(key.expires)),
            Text(", ".join(may)),
        )
    Console().print(table)


@app.command
def revoke(
    id: str, *, data: Path | None = None, config: Path | None = None, as_json: Json = False
) -> None:
    """Revoke a key for good. A running server refuses it within 2 seconds.

    Parameters
    ----------
    id
        The key's id, or its name.
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    with opened(data, config) as keys:
        key = keys.revoke(id)
    if as_json:
        print_json(row(key))
    else:
        print(f"{key.id} is revoked")


@contextmanager
def opened(data: Path | None, config: Path | None) -> Iterator[Keys]:
    """The keys of a data folder, while a server may run on it."""
    from mutoscope.server.keys import Keys

    with records.opened(data, config) as (found, _):
        yield Keys(found)


def ends(text: str, now: float) -> float:
    """ "30d" from now, or the end of a day → seconds since 1970."""
    if found := re.fullmatch(r"(\d{1,5})([mhdwy])", text.strip().lower()):
        return now + int(found[1]) * _SPANS[found[2]]
    try:
        import datetime

        when = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(
            f"--expires is {text!r}; it must be a span such as 30d or 12h, or a day such as 2027-01-31"
        ) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.UTC)
    if when.timestamp() <= now:
        raise BadInput(f"--expires is {text!r}, which is over already")
    return when.timestamp()


def row(key: Key) -> dict[str, Any]:
    """A key as values, with its state."""
    values: dict[str, Any] = msgspec.to_builtins(key)
    return values | {"state": key.state(time.time())}


def day(at: float | None) -> str:
    return "never" if at is None else time.strftime("%Y-%m-%d", time.gmtime(at))
