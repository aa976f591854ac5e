"""`mutoscope models pull`: a checkpoint and its LoRAs onto this machine's disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter

from mutoscope.cli.agreeing import Yes, agreed
from mutoscope.cli.asked import Json
from mutoscope.cli.records import print_json
from mutoscope.errors import BadInput, Cancelled
from mutoscope.models import folder, plan
from mutoscope.models.amounts import amount
from mutoscope.models.carrying import Report
from mutoscope.models.plan import Share
from mutoscope.models.pull import Pulled
from mutoscope.models.pull import pull as pull_it

TENTH = 10  # lines of progress where there is no terminal
DRAWN = 0.1  # seconds between two drawings of the bar


def pull(
    name: str,
    *,
    lora: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    no_loras: Annotated[bool, Parameter(negative="")] = False,
    revision: str = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Download a model's checkpoint, or go on with a download that was cut off.

    What is here already, in another checkpoint or in the Hugging Face cache, is linked. Every file is
    verified. On a terminal you are asked once it is clear how much there is to download.

    Parameters
    ----------
    name
        Which model.
    lora
        Which of its LoRAs; without it those that its qualities use.
    no_loras
        None of its LoRAs.
    revision
        Another revision of the repository than the catalogue's.
    """
    if lora and no_loras:
        raise BadInput("--lora and --no-loras cannot both be given", field="lora")

    with _shown(quiet=as_json) as report:

        def agree(shares: list[Share]) -> bool:
            if not as_json:
                for share in shares:
                    tell(share)
                print(f"  {amount(plan.free())} free in {folder()}")
            coming = sum(share.coming for share in shares)
            report.expect(coming, sum(len(share.plan.files) for share in shares))
            return not coming or agreed(f"Download {amount(coming)}?", yes)

        try:
            pulled = pull_it(
                name,
                loras=() if no_loras else lora or None,
                revision=revision,
                agree=agree,
                report=report,
            )
        except KeyboardInterrupt:
            raise Cancelled(
                f"stopped; what came is kept, and `mutoscope models pull {name}` goes on with it"
            ) from None
    if as_json:
        print_json(pulled)
        return
    for one in pulled:
        print(f"{one.name}: {ended(one)}")
        print(f"  in {one.path}")


def tell(share: Share) -> None:
    """What a pull will do, before it does it."""
    plan_ = share.plan
    print(
        f"{share.piece.key}: {amount(share.size)} in {len(plan_.files)} files, {plan_.repository} at "
        f"{plan_.commit[:12]}"
    )
    parts = [f"{amount(share.coming)} to download"]
    if share.linked:
        parts.append(f"{amount(share.linked)} are here already: linked, not copied")
    if came := share.size - share.coming - share.linked:
        parts.append(f"{amount(came)} came before")
    print(f"  {', '.join(parts)}")


def ended(one: Pulled) -> str:
    """What became of it, in words."""
    if one.already:
        return f"already here, {amount(one.size)}"
    how = [f"{amount(one.downloaded)} downloaded"] if one.downloaded else []
    how += [f"{amount(one.linked)} linked"] if one.linked else []
    return f"{', '.join(how) or 'whole'}, verified, commit {one.commit[:12]}"


class _Shown(Report):
    """Progress on a terminal as a bar, elsewhere as a line every tenth."""

    def __init__(self, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self.console = Console(quiet=quiet, highlight=False)
        columns = (
            TextColumn("{task.description}"), BarColumn(16), DownloadColumn(),
            TransferSpeedColumn(), TimeRemainingColumn(),
        )  # fmt: skip
        self.bars = Progress(*columns, console=self.console, transient=True)
        self._coming = self._came = self._told = self._files = self._whole = 0
        self._counting = threading.Lock()
        self._next = 0.0

    def expect(self, coming: int, files: int) -> None:
        """What there is to do, in bytes to download and in files to verify."""
        self._coming, self._files = coming, files

    def said(self, line: str) -> None:
        self.console.print(line, markup=False, soft_wrap=True)

    def moved(self, length: int) -> None:
        with self._counting:  # several files come at once
            self._came += length
            tenth = self._came * TENTH // max(1, self._coming)
            if self._told < tenth <= TENTH and not self.console.is_terminal:
                self._told = tenth
                self.said(f"  {amount(self._came)} of {amount(self._coming)}")
        self._bar()

    def done(self, name: str) -> None:
        with self._counting:
            self._whole += 1
        self._bar()

    def _bar(self) -> None:
        if not self.console.is_terminal:
            return
        with self._counting:
            if time.monotonic() < self._next and self._whole < self._files:
                return  # to draw every packet would be slower than to fetch it
            self._next = time.monotonic() + DRAWN
            if not self.bars.task_ids:
                self.bars.add_task("", total=self._coming)
                self.bars.start()
            self.bars.update(
                self.bars.task_ids[0],
                completed=self._came,
                description=f"{self._whole} of {self._files} files",
            )


@contextmanager
def _shown(*, quiet: bool) -> Iterator[_Shown]:
    shown = _Shown(quiet)
    try:
        yield shown
    finally:
        if shown.bars.task_ids:
            shown.bars.stop()
