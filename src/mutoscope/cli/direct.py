"""`mutoscope direct`: what a prompt says to the camera, before anything is rendered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mutoscope.errors import BadShot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from mutoscope.direction.model import Advice, Direction, Edit, Motion, Move

LONGEST = 32_000  # characters, as the vendors' names allow
_BAR = 24  # characters of the timeline's bar


def direct(
    prompt: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    seconds: float | None = None,
    kind: str = "create",
    engine: str = "",
    json: bool = False,
) -> None:
    """Explain PROMPT: the camera's timeline, what moves, advice, and what was not understood.

    Parameters
    ----------
    prompt: str
        The prompt; "-" reads it from the standard input.
    seconds: float
        The clip's length; without it the length that the prompt names, or 4 s.
    kind: str
        create, extend, edit, remix or reframe: where there is a film, changes to it are read as well; a
        remix is checked for asking several changes.
    engine: str
        The engine it is for: the flipbook follows exact numbers, generative engines do not.
    json: bool
        Print the direction as JSON, as --direction FILE takes it.
    """
    from mutoscope.direction.check import check
    from mutoscope.direction.parse import direct as read
    from mutoscope.shot import Kind

    words = (sys.stdin.read() if prompt == "-" else prompt).strip()
    if not words:
        raise BadShot(
            "the prompt is empty; say what the camera or the picture shall do", field="prompt"
        )
    if len(words) > LONGEST:
        raise BadShot.of(
            "prompt", f"{len(words)} characters long", f"at most {LONGEST}", "shorten it"
        )
    if kind not in tuple(Kind):
        raise BadShot.of("kind", kind, f"one of {', '.join(Kind)}")
    direction = read(words, seconds, film=kind != Kind.CREATE)
    if json:
        from mutoscope.direction.read import dump

        print(dump(direction).decode())
        return
    from rich.console import Console

    said = {advice.code for advice in direction.advice}
    checked = check(words, seconds, kind=kind, engine=engine, direction=direction)
    show(Console(highlight=False), direction, [one for one in checked if one.code not in said])


def show(console: Console, direction: Direction, checked: Iterable[Advice] = ()) -> None:
    """The direction as a person reads it, within 80 columns."""
    if direction.edits:
        _edits(console, direction.edits)
    if direction.camera or not direction.edits:
        _camera(console, direction)
    _motion(console, direction.motion)
    _asides(console, direction)
    _listed(console, "Advice", (one.message for one in direction.advice))
    _listed(console, "For a better prompt", (one.message for one in checked))
    _listed(console, "Not understood", (f"“{words}”" for words in direction.unread))


def _camera(console: Console, direction: Direction) -> None:
    from rich.table import Table

    console.print(f"[bold]Camera[/] · {direction.seconds:g} s")
    if not direction.camera:
        console.print("  nothing is asked of it; the engine chooses a quiet move\n")
        return
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1))
    for heading in (
        "",
        "move",
        "from",
        "to",
        "speed",
        "amount",
        f"0 s{f'{direction.seconds:g} s':>{_BAR - 3}}",
    ):
        right = heading in ("from", "to")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for move in direction.camera:
        held = not move.words
        table.add_row(
            "",
            move.move.replace("_", " "),
            f"{move.start:.4g}",
            f"{move.end:.4g}",
            "" if move.move == "static" else move.speed,
            _amount(move),
            _bar(move, direction.seconds),
            style="dim" if held else "",
        )
    console.print(table)
    console.print()


def _edits(console: Console, edits: Iterable[Edit]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1))
    for heading in ("", "change", "how much", "of", "read from"):
        table.add_column(heading)
    for one in edits:
        table.add_row(
            "",
            one.edit.replace("_", " "),
            _much(one),
            escape(one.target or "the whole film"),
            escape(one.words),
        )
    console.print("[bold]Changes to the film[/]")
    console.print(table)
    console.print()


def _much(edit: Edit) -> str:
    if edit.shape:
        return edit.shape
    if edit.amount is None:
        return "" if edit.degree == "normal" else edit.degree
    return f"{edit.amount:.3g}×" if edit.edit in ("faster", "slower") else f"{edit.amount:.0%}"


def _amount(move: Move) -> str:
    if move.amount is None:
        return ""
    if move.move.startswith(("zoom", "dolly")):
        return f"{move.amount:.3g}×"
    if move.move.startswith(("truck", "pedestal")):
        return f"{move.amount:.0%}"
    return f"{move.amount:.3g}°"


def _bar(move: Move, seconds: float) -> str:
    start = round(move.start / seconds * _BAR)
    end = max(start + 1, round(move.end / seconds * _BAR))
    return (
        "·" * start + ("─" if move.move == "static" else "█") * (end - start) + "·" * (_BAR - end)
    )


def _motion(console: Console, motion: Iterable[Motion]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1))
    for heading in ("", "what", "motion", "way", "kind", "because of"):
        table.add_column(heading)
    for one in motion:
        kind = one.kind.replace("_", " ")
        table.add_row(
            "", escape(one.target or "–"), kind, one.direction, one.group, escape(one.cause)
        )
    if table.row_count:
        console.print("[bold]In the picture[/]")
        console.print(table)
        console.print()


def _asides(console: Console, direction: Direction) -> None:
    from rich.markup import escape
    from rich.table import Table

    lens = direction.lens
    asides = {
        "Sound": ", ".join(direction.sound),
        "Stays": ", ".join(direction.keep),
        "Lens": ", ".join(
            filter(
                None,
                [
                    f"{lens.focal_mm:g} mm" if lens.focal_mm else "",
                    f"{lens.focus} focus" * bool(lens.focus),
                ],
            )
        ),
        "Style": direction.style.replace("_", " "),
        "First frame": "the picture itself" if direction.first_frame else "",
        "Loop": "yes" if direction.loop else "",
    }
    table = Table.grid(padding=(0, 2))
    for name, text in asides.items():
        if text:
            table.add_row(f"[bold]{name}[/]", escape(text))
    if table.row_count:
        console.print(table)
        console.print()


def _listed(console: Console, heading: str, sentences: Iterable[str]) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    for sentence in sentences:
        table.add_row("·", Text(sentence))
    if table.row_count:
        console.print(f"[bold]{heading}[/]")
        console.print(Padding(table, (0, 0, 1, 2)))
