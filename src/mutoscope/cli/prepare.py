"""`mutoscope prepare`: pictures, or whole folders of them, made ready for a frame."""

from __future__ import annotations

import json as json_text
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from mutoscope.cli.animate import terminated_as_interrupt
from mutoscope.errors import BadInput
from mutoscope.shot import Crop

if TYPE_CHECKING:
    from mutoscope.images.batch import Outcome, Summary

#: Failures that a person reads on the terminal; --json has them all.
SHOWN = 20


def prepare(
    *pictures: Annotated[Path, Parameter(name="IN")],
    size: str = "1280x720",
    fit: str = "auto",
    out: Annotated[Path, Parameter(name=["--out", "-o"])] = Path("prepared"),
    crop: str | None = None,
    pad: str = "",
    kind: str = "",
    focus: str = "subject",
    format: str = "jpeg",
    quality: int = 95,
    jobs: int = 0,
    json: bool = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
) -> None:
    """Bring pictures, and all pictures in folders, to one size: upright, sRGB, cropped or padded.

    mutoscope prepare photos/ --size 1280x720 --out prepared

    mutoscope prepare a.jpg b.png --size reels --fit cover

    Run again, it goes on where it was stopped: what is done and unchanged is skipped. The exit code is
    1 if any picture failed.

    Parameters
    ----------
    pictures: tuple[Path, ...]
        Pictures (JPEG, PNG, WebP, AVIF, TIFF) and folders.
    size: str
        1280x720, 720p, 1080p, square, 9:16, reels, ...
    fit: str
        auto, cover, pad, stretch or strict.
    out: Path
        The folder for the results.
    crop: str
        What is cut out first: left,top,right,bottom as fractions, such as 0.1,0,0.9,1.
    pad: str
        What pad puts around a picture: blur, or a colour such as #ffffff.
    kind: str
        What the pictures are, for auto: portrait, screenshot, product or art; looked at if left out.
    focus: str
        What cover keeps: subject or centre.
    format: str
        jpeg, png (lossless) or webp.
    quality: int
        1 to 100; WebP at 100 is lossless.
    jobs: int
        Pictures at the same time; 0 takes one for each core.
    json: bool
        Print the result as JSON.
    quiet: bool
        Print nothing but errors.
    """
    from mutoscope.catalog.sizes import parse_size
    from mutoscope.images.batch import prepare_all
    from mutoscope.images.prepare import Recipe
    from mutoscope.inputs import named
    from mutoscope.shot import Fit

    if not pictures:
        raise BadInput(
            "name at least one picture or folder: mutoscope prepare photos/ --out prepared"
        )
    recipe = Recipe(
        size=parse_size(size),
        fit=named(Fit, "fit", fit),
        crop=read_crop(crop),
        fill=pad,
        kind=kind,
        focus=focus,
        form={"jpg": "jpeg"}.get(format.lower(), format.lower()),
        quality=quality,
    )
    if jobs < 0:
        raise BadInput(f"--jobs is {jobs}; it must be 0 (one for each core) or more", field="jobs")
    with terminated_as_interrupt(), bar(shown=not (json or quiet)) as done:
        summary = prepare_all(pictures, recipe, out, jobs=jobs, done=done)
    if json:
        print(json_text.dumps(as_json(summary, out), ensure_ascii=False, indent=2))
    else:
        tell(summary, out, quiet=quiet)
    if summary.of("failed"):
        raise SystemExit(1)


def read_crop(text: str | None) -> Crop | None:
    """A crop from "left,top,right,bottom". Raises BadInput, or BadShot for values not allowed."""
    if text is None:
        return None
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput(
            f"--crop is {text!r}; it must be left,top,right,bottom as fractions, such as 0.1,0,0.9,1",
            field="crop",
        ) from None
    return Crop(left, top, right, bottom)


def tell(summary: Summary, out: Path, *, quiet: bool = False) -> None:
    """How many were done, what was seen, and what failed and why (on the error stream)."""
    made, before, failed = (summary.of(s) for s in ("prepared", "unchanged", "failed"))
    if not quiet:
        parts = [f"{len(made)} prepared"]
        parts += [f"{len(before)} unchanged since the last run"] if before else []
        parts += [f"{len(failed)} failed"] if failed else []
        print(f"{', '.join(parts)}, in {out}")
        if len(made) == 1:
            for note in (*made[0].notes, *made[0].warnings):
                print(f"  · {note}")
        else:
            _tell_together(made)
    for outcome in failed[:SHOWN]:
        print(f"  failed: {outcome.error} ({outcome.source})", file=sys.stderr)
    if len(failed) > SHOWN:
        print(f"  ... and {len(failed) - SHOWN} more; --json lists them all", file=sys.stderr)


def _tell_together(made: list[Outcome]) -> None:
    """How often each kind of note was made; figures differ from picture to picture."""
    kinds = Counter(
        note.split(",")[0].split(" with ")[0]
        for outcome in made
        for note in outcome.notes
        if note.startswith(("auto", "stretched"))
    )
    for kind, count in kinds.most_common():
        print(f"  · {count} × {kind}")
    small = sum(bool(outcome.warnings) for outcome in made)
    if small:
        print(f"  · {small} × small for this size: will look soft (--json says which)")


def as_json(summary: Summary, out: Path) -> dict[str, Any]:
    """The summary as plain values."""
    files = [
        {
            "source": str(outcome.source),
            "state": outcome.state,
            "output": None if outcome.output is None else str(outcome.output),
            "notes": list(outcome.notes),
            "warnings": list(outcome.warnings),
            "error": outcome.error or None,
        }
        for outcome in summary.outcomes
    ]
    counts = {state: len(summary.of(state)) for state in ("prepared", "unchanged", "failed")}
    return {"folder": str(out)} | counts | {"files": files}


@contextmanager
def bar(*, shown: bool) -> Iterator[Callable[[Outcome, int], None]]:
    """A bar with count, rate and what is left, on the error stream where that is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield lambda outcome, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("preparing"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        failed = 0

        def done(outcome: Outcome, total: int) -> None:
            nonlocal failed
            failed += outcome.state == "failed"
            said = f"[red]{failed} failed" if failed else ""
            progress.update(task, advance=1, total=total, description=said)

        yield done
