"""`mutoscope characters score`: how much a character is the same in clips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.cli.asked import Config, Data, Json, Project
from mutoscope.cli.show import bar, listed

if TYPE_CHECKING:
    from rich.console import Console

    from mutoscope.quality.consistency import Consistency

STYLES = ((75.0, "green"), (50.0, "yellow"), (0.0, "red"))


def score(
    character: str,
    clip: Path,
    /,
    *clips: Path,
    samples: int = 8,
    grid: Path | None = None,
    project: Project = "default",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Score how much CHARACTER is the same in each CLIP: face, clothing, whole figure, 0-100.

    Parameters
    ----------
    character: str
        A picture or a film that shows it, or the id or name of a character in the data folder; "self" holds
        the clips against the most typical frame of the first of them.
    clip: Path
        A film, or a picture.
    clips: Path
        More of them.
    samples: int
        Frames of each clip that are looked at.
    grid: Path
        A PNG to draw: every face and figure that was matched, with its score.
    """
    from mutoscope.quality.consistency import consistency

    reference = None if character == "self" else references(character, project, data, config)
    with bar(shown=not as_json) as progress:
        found = consistency(
            reference, [clip, *clips], samples=samples, grid=grid, progress=progress
        )  # fmt: skip
    if as_json:
        print(found.to_json())
        return
    from rich.console import Console

    console = Console(highlight=False)
    show(console, found)
    if grid is not None:
        console.print(f"  grid: {grid}", markup=False, style="dim", soft_wrap=True)


def references(
    character: str, project: str, data: Path | None, config: Path | None
) -> list[Path]:  # fmt: skip
    """The pictures of a character: the file named so, or the cut-outs of one in the data folder. Raises
    BadInput where there is neither, or it has no frames."""
    from mutoscope.cli.records import opened
    from mutoscope.errors import BadInput

    if Path(character).is_file():
        return [Path(character)]
    if Path(character).suffix and "/" in character:
        raise BadInput(f"{character}: there is no such file", field="character")
    from mutoscope.characters import owner
    from mutoscope.storage.media import MediaStore

    with opened(data, config) as (records, settings):
        one = owner.found(records, character, project)
        store = MediaStore(settings.server.data / "media")
        frames = [store.path(frame.matte) for frame in one.frames]
    if not frames:
        raise BadInput(
            f"{one.name} is {one.status} and has no reference frames to be held against",
            field="character",
        )
    return frames


def show(console: Console, found: Consistency) -> None:
    """A table, a line a clip, within 80 columns; below it what could not be told."""
    from rich.markup import escape
    from rich.table import Table

    from mutoscope.quality.consistency.scores import PARTS

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("clip", overflow="ellipsis", no_wrap=True, max_width=28)
    for part in PARTS:
        table.add_column(part, justify="right")
    table.add_column("frames", justify="right")
    table.add_column("worst", no_wrap=True)
    for clip in found.clips:
        worst = "-"
        if clip.worst is not None:
            one, part = clip.worst
            worst = f"{one.at:.2f} s, {part} {one.scores[part]:.0f}"
        cells = [_figure(clip.scores[part]) for part in PARTS]
        table.add_row(escape(clip.path.name), *cells, str(len(clip.judged)), f"[dim]{worst}[/]")
    if len(found.clips) > 1:
        table.add_row("[bold]in all[/]", *(_figure(found.scores[part]) for part in PARTS), "", "")
    console.print(table)
    console.print("100 the same, 50 as likely another", style="dim")
    for clip in found.clips:
        for name, why in clip.missing.items():
            listed(console, "-", f"{clip.path.name}: {name}: {why}", "dim")
    for note in found.notes:
        listed(console, "·", note, "dim")


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    style = next(style for least, style in STYLES if value >= least)
    return f"[{style}]{value:.0f}[/]"
