"""`mutoscope doctor`: what is there, what is missing, and how to get it."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import msgspec
from cyclopts import Parameter

from mutoscope.cli.examine import examine
from mutoscope.cli.finding import Finding

MARKS = {"ok": "[green]✓[/]", "note": "[yellow]·[/]", "missing": "[red]✗[/]", "broken": "[red]✗[/]"}


def doctor(*, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> None:
    """Tell what is here and what is missing, and how to get it.

    Exit code 0 where a film can be made on this machine, 3 where not.

    Parameters
    ----------
    as_json
        Print JSON.
    """
    groups = examine()
    findings = [finding for group in groups.values() for finding in group]
    lacking = [one for one in findings if one.needed and one.state in ("missing", "broken")]
    if as_json:
        report = {"ready": not lacking} | groups
        print(msgspec.json.format(msgspec.json.encode(report)).decode())
    else:
        show(groups, lacking)
    if lacking:
        raise SystemExit(3)


def show(groups: dict[str, tuple[Finding, ...]], lacking: list[Finding]) -> None:
    """The report as a table, and the verdict under it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for group, findings in groups.items():
        for place, one in enumerate(findings):
            text = escape(one.detail)
            if one.mend:
                text += f"\n[yellow]→ {escape(one.mend)}[/]"
            table.add_row(group if place == 0 else "", MARKS[one.state], escape(one.name), text)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ gets ?, not an error
    console = Console(highlight=False)
    console.print(table)
    if lacking:
        names = ", ".join(one.name for one in lacking)
        console.print(f"\n[red]No film can be made here yet:[/] {escape(names)}")
    else:
        console.print(
            '\nFilms can be made here: mutoscope animate PHOTO "slow push in"', markup=False
        )
