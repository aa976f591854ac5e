"""`mutoscope measure`: what a film is worth, in numbers and as a sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.cli.show import bar, listed

if TYPE_CHECKING:
    from rich.console import Console

    from mutoscope.quality.consistency import Consistency
    from mutoscope.quality.measured import Measured

MARKS = {"good": "✓", "fair": "≈", "poor": "✗", "": "·"}
STYLES = {"good": "green", "fair": "yellow", "poor": "red", "": "dim"}


def measure(
    clip: Path | None = None,
    /,
    *,
    shot: Path | None = None,
    still: Path | None = None,
    last: Path | None = None,
    sheet: Path | None = None,
    character: Path | None = None,
    json: bool = False,
) -> None:
    """Measure CLIP: camera, motion, flicker, loop, outlines, sound, and whether it did what was asked.

    Parameters
    ----------
    clip: Path
        The film; left out where --shot names it.
    shot: Path
        The JSON that animate --json printed, or a shot's: its camera moves are judged.
    still: Path
        The photograph that the first frame should be.
    last: Path
        The photograph that the last frame should be.
    sheet: Path
        A PNG to draw: the camera's way, curves over time, the worst frames.
    character: Path
        A picture or a film of a character: how much it is the same is scored. For one in a data folder,
        and several clips, see `mutoscope characters score`.
    json: bool
        Print the figures as JSON.
    """
    from mutoscope.quality.measure import measure as measured

    same = None
    with bar(shown=not json) as progress:
        found = measured(clip, shot=shot, still=still, last=last, sheet=sheet, progress=progress)
        if character is not None:
            from mutoscope.quality.consistency import consistency

            same = consistency(character, [found.path], progress=progress)
    if json:
        print(found.to_json() if same is None else _with(found, same))
        return
    from rich.console import Console

    console = Console(highlight=False)
    show(console, found)
    if same is not None:
        from mutoscope.cli.characters_score import show as show_scores

        console.print()
        show_scores(console, same)
    if sheet is not None:
        console.print(f"  sheet: {sheet}", markup=False, style="dim", soft_wrap=True)


def _with(found: Measured, same: Consistency) -> str:
    """The figures as JSON, the character's scores among them."""
    import json as json_text

    told = json_text.loads(found.to_json()) | {"consistency": same.to_builtins()}
    return json_text.dumps(told, ensure_ascii=False, indent=2)


def show(console: Console, found: Measured) -> None:
    """A table, a line a measure; what could not be measured below it."""
    from rich.markup import escape
    from rich.table import Table

    from mutoscope.quality.table import rows

    console.print(f"[bold]{escape(str(found.path))}[/bold]", soft_wrap=True)
    console.print(
        f"{found.width}x{found.height}, {found.seconds:.2f} s, {found.frames} frames at "
        f"{found.fps:g} fps",
        style="dim",
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(max_width=24)
    table.add_column(justify="right", max_width=20)
    table.add_column()
    group = None
    for row in rows(found):
        if group is not None and row.group != group:
            table.add_row()
        group = row.group
        mark = f"[{STYLES[row.verdict]}]{MARKS[row.verdict]}[/]"
        table.add_row(mark, escape(row.name), row.figure, f"[dim]{escape(row.said)}[/]")
    console.print(table)
    for name, why in found.missing.items():
        listed(console, "-", f"{name}: {why}", "dim")
