"""`mutoscope weights`: see, fetch, verify and add the learned weights."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter

from mutoscope.cli.records import print_json
from mutoscope.errors import MutoscopeError, WeightsCorrupt
from mutoscope.weights import cache, manifest

app = App(name="weights", help="See, fetch, verify and add the learned weights.")
Json = Annotated[bool, Parameter(name="--json", negative="")]


@app.command(name="list")
def list_(*, as_json: Json = False) -> None:
    """List the learned weights: what each is for, its licence, and whether it is here.

    Parameters
    ----------
    as_json
        Print JSON.
    """
    entries = manifest.entries()
    if as_json:
        print_json(
            {"folder": str(cache.folder()), "weights": [as_row(e) for e in entries.values()]}
        )
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("name", "state", "size", "licence"):
        table.add_column(column, no_wrap=True)
    table.add_column("what it does", overflow="fold")
    for entry in entries.values():
        row = as_row(entry)
        colour = {"here": "green", "missing": "dim" if not entry.default else "yellow"}
        state = str(row["state"])
        table.add_row(
            entry.name,
            f"[{colour.get(state, 'red')}]{state}[/]",
            f"{entry.size / 1e6:.1f} MB",
            entry.licence,
            f"{entry.title}: {entry.purpose}{'' if entry.default else ' (optional)'}",
        )
    console = Console()
    console.print(table)
    console.print(f"[dim]in {cache.folder()}[/]", soft_wrap=True)
    if missing := [e.name for e in entries.values() if e.default and cache.find(e) is None]:
        console.print(f"`mutoscope weights fetch` gets {', '.join(missing)}")


@app.command
def fetch(
    *names: str,
    accept_licence: Annotated[bool, Parameter(negative="")] = False,
    as_json: Json = False,
) -> None:
    """Fetch weights that are not here yet, and verify those that are.

    Parameters
    ----------
    names
        Which ones; without a name, all that are on by default.
    accept_licence
        Take weights whose licence is not a permissive one, too.
    as_json
        Print JSON.
    """
    from mutoscope.weights.fetch import Fetched
    from mutoscope.weights.fetch import fetch as fetch_one

    chosen = [manifest.entry(name) for name in dict.fromkeys(names)] or [
        entry for entry in manifest.entries().values() if entry.default
    ]
    results: list[Fetched] = []
    failures: list[MutoscopeError] = []
    with progress(quiet=as_json) as (start, say):
        for entry in chosen:
            try:
                result = fetch_one(entry, accept_licence=accept_licence, report=start(entry.name))
            except MutoscopeError as failed:
                failures.append(failed)
                continue
            results.append(result)
            how = f"from {result.source}" if result.source else "already here"
            say(f"{entry.name}: {how}, {result.size / 1e6:.1f} MB, SHA-256 {result.sha256[:16]}…")
    if as_json:
        print_json(
            {
                "folder": str(cache.folder()),
                "fetched": [msgspec.to_builtins(result) for result in results],
                "failed": [failure.message for failure in failures],
            }
        )
    end(failures)


@app.command
def verify(*names: str, as_json: Json = False) -> None:
    """Read the weights that are here and compare their SHA-256 with the manifest's.

    Parameters
    ----------
    names
        Which ones; without a name, all that are here.
    as_json
        Print JSON.
    """
    rows: list[dict[str, Any]] = []
    failures: list[MutoscopeError] = []
    for entry in [manifest.entry(n) for n in names] or list(manifest.entries().values()):
        try:
            path = cache.verify(entry)
            rows.append({"name": entry.name, "state": "verified" if path else "missing"})
        except WeightsCorrupt as failed:
            failures.append(failed)
            rows.append({"name": entry.name, "state": "damaged", "message": failed.message})
    if as_json:
        print_json({"folder": str(cache.folder()), "weights": rows})
    else:
        for row in rows:
            print(f"{row['name']}: {row['state']}")
    end(failures)


@app.command
def add(name: str, file: Path, *, as_json: Json = False) -> None:
    """Add weights from a file that you have.

    Parameters
    ----------
    name
        Which ones: "depth" takes any monocular-depth ONNX, the others their exact file.
    file
        The ONNX file; it is copied. Its licence is yours to keep.
    as_json
        Print JSON.
    """
    from mutoscope.weights.add import add as add_one

    added = add_one(manifest.entry(name), file)
    if as_json:
        print_json(msgspec.to_builtins(added))
        return
    kind = "the manifest's own file" if added.exact else f"a file of yours, {added.form}"
    print(f"{name}: {kind}, {added.size / 1e6:.1f} MB, SHA-256 {added.sha256}")
    print(f"  in {added.path}")


def as_row(entry: manifest.Entry) -> dict[str, Any]:
    """An entry with its state, for --json."""
    row: dict[str, Any] = msgspec.to_builtins(entry)
    path = cache.find(entry)
    row["state"] = cache.state(entry)
    row["path"] = str(path) if path else None
    row["own"] = path is not None and path == cache.own_path(entry)
    row["permissive"] = entry.permissive
    return row


def end(failures: Sequence[MutoscopeError]) -> None:
    """One line for each failure; the first one's class gives the exit code."""
    for failure in failures:
        print(f"mutoscope: {failure.message}", file=sys.stderr)
    if failures:
        raise SystemExit(failures[0].exit_code)


@contextmanager
def progress(
    *, quiet: bool
) -> Iterator[tuple[Callable[[str], Callable[[str, float], None]], Callable[[str], None]]]:
    """`start(name)` gives a progress callback with a bar of its own; `say(line)` prints above it."""
    if quiet:
        yield lambda name: lambda stage, done: None, lambda line: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(20), TimeElapsedColumn())
    console = Console()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bars:

        def start(name: str) -> Callable[[str, float], None]:
            task = bars.add_task(name, total=None)

            def report(stage: str, done: float) -> None:
                # no total = a moving bar: npm and pip do not say how far they are
                bars.update(
                    task, description=f"{name}: {stage}", total=1 if done else None, completed=done
                )

            return report

        def say(line: str) -> None:
            for task in bars.task_ids:
                bars.remove_task(task)
            console.print(line, markup=False, highlight=False, soft_wrap=True)

        yield start, say
