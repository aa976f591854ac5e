"""`mutoscope inspect`: what a picture is worth for a film, before one is made."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from mutoscope.images.pair_report import PairReport
    from mutoscope.images.report import Finding, ImageReport

MARKS = {"good": "✓", "fair": "≈", "poor": "✗", "unknown": "?"}
STYLES = {"good": "green", "fair": "yellow", "poor": "red", "unknown": "dim"}


def inspect(image: Path, last: Path | None = None, /, *, json: bool = False) -> None:
    """Report on IMAGE: size, subject, elements, light, sharpness, tilt, faces. With LAST, on the pair.

    Parameters
    ----------
    image: Path
        The picture.
    last: Path
        The film's last frame, if there is one: do the two belong together?
    json: bool
        Print the report as JSON.
    """
    from mutoscope.images.inspect import inspect as looked_at

    found = looked_at(image, last)
    if json:
        print(json_text.dumps(found.to_builtins(), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False)
    show(console, found.image)
    if found.last is not None:
        show(console, found.last)
    if found.pair is not None:
        show_pair(console, found.pair)


def show(console: Console, report: ImageReport) -> None:
    """A table of one picture's findings."""
    from rich.markup import escape
    from rich.table import Table

    title = f"{escape(report.name)} · {report.format} · {report.width}×{report.height}"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column()
    table.show_header = False
    for finding in report.findings:
        mark = f"[{STYLES[finding.verdict]}]{MARKS[finding.verdict]}[/]"
        table.add_row(mark, finding.name, figure(finding), escape(finding.sentence))
    console.print(table)
    for note in report.notes:
        console.print(f"  · {note}", markup=False, style="dim")
    console.print()


def figure(finding: Finding) -> str:
    """A finding's value as a person reads it."""
    value = finding.value
    if value is None:
        return "–"
    if finding.unit.startswith("share"):
        return f"{value:.0%}"
    if finding.unit == "degrees":
        return f"{value:.1f}°"
    if finding.name == "sharpness":
        return f"{value:.2f}"
    return f"{value:.0f}"


def show_pair(console: Console, pair: PairReport) -> None:
    """What the two have in common, a line each."""
    mark = "poor" if pair.unlikely_smooth else "good"
    console.print("[bold]From the first to the last[/]")
    console.print(
        f"[{STYLES[mark]}]{MARKS[mark]}[/] {pair.inliers} of {pair.matches} common points agree, "
        f"step {pair.step:.0%}, light {pair.light:+.0f} L*"
    )
    for sentence in pair.sentences:
        console.print(f"  {sentence}", markup=False)
