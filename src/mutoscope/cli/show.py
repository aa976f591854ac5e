"""What a person sees of a film being made: a bar while it goes on, and the truth at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from mutoscope.clip import Clip
    from mutoscope.compute.threads import Progress
    from mutoscope.engines.base import Instruction

#: stage → what a person reads
STAGES = {
    "subject": "finding the subject",
    "depth": "judging distances",
    "plate": "filling in behind it",
    "layers": "cutting the layers",
    "flow": "following what moved",
    "render": "rendering",
    "load": "loading the model",
    "encode": "reading the words",
    "denoise": "denoising",
    "decode": "decoding the frames",
    "interpolate": "adding frames between",
    "finish": "writing the film",
    "preview": "making the preview",
    "thumbnail": "making the thumbnail",
    "spritesheet": "making the sprite sheet",
    "sheet": "making the contact sheet",
}
_MARKS = {"done": "✓", "approximated": "≈", "not_possible": "✗"}


@contextmanager
def bar(*, shown: bool) -> Iterator[Progress]:
    """A progress bar on the terminal's error stream; nothing where that is not a terminal."""
    if not shown or not sys.stderr.isatty():
        yield lambda stage, done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<26}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=1.0)

        def tell(stage: str, done: float) -> None:
            progress.update(task, completed=done, description=words(stage))

        yield tell


def words(stage: str) -> str:
    """What a person reads of a stage, which may say how far it is: "denoise 12/40"."""
    name, _, where = stage.partition(" ")
    return f"{STAGES.get(name, name or 'starting')} {where}".rstrip()


def tell(clip: Clip) -> None:
    """The film's place on its own line, then what was done with each instruction."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[bold]{escape(str(clip.path))}[/bold]", soft_wrap=True)
    spent = sum(clip.took.get(stage, 0) for stage in ("direct", "prepare", "engine", "finish"))
    console.print(
        f"{clip.size}, {round(clip.seconds, 2):g} s, {clip.frames} frames at {clip.fps:g} fps, "
        f"engine {clip.engine}, made in {spent:.1f} s",
        style="dim",
    )
    for kind in ("done", "approximated", "not_possible"):
        for one in getattr(clip.report, kind):
            listed(console, _MARKS[one.outcome], _line(one))
    for note in (*clip.report.image, *clip.report.engine):
        listed(console, "·", note, "dim")
    for message in dict.fromkeys(one.message for one in clip.warnings):  # two pictures may have one
        listed(console, "!", message, "yellow")
    for kind, path in clip.extras.items():
        console.print(f"  {kind}: {path}", markup=False, style="dim", soft_wrap=True)


def listed(console: Console, mark: str, text: str, style: str = "") -> None:
    """One point of a list; a long one goes on below its own beginning."""
    lines = wrap(text, max(20, console.width - 5))
    for first, line in zip([mark, *" " * len(lines)], lines, strict=False):
        console.print(f"  {first} {line}", markup=False, style=style or None)


def _line(one: Instruction) -> str:
    said = {"done": "", "approximated": "about: ", "not_possible": "not possible: "}[one.outcome]
    how = f": {said}{one.how}" if one.how else ""
    return f"{one.words}{how}"
