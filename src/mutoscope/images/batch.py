"""Thousands of pictures, prepared in one go: bounded memory, resumable, none half-written."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyvips

from mutoscope.errors import BadInput, CannotWrite, MutoscopeError
from mutoscope.images.gather import SUFFIXES, Task, gather
from mutoscope.images.prepare import Recipe, prepared
from mutoscope.images.record import Record

#: These end the whole batch: every later picture would fail of the same.
_HOPELESS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one picture: "prepared", "unchanged" (done before) or "failed"."""

    source: Path
    state: str
    output: Path | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


@dataclass(slots=True)
class Summary:
    """The outcomes of a batch, in the order in which they came."""

    outcomes: list[Outcome] = field(default_factory=list)

    def of(self, state: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.state == state]


def prepare_all(
    inputs: Sequence[Path],
    recipe: Recipe,
    folder: Path,
    *,
    jobs: int = 0,
    done: Callable[[Outcome, int], None] = lambda outcome, total: None,
) -> Summary:
    """Prepare the pictures that `inputs` (files and folders) mean into `folder`; see `gather`.

    `jobs` threads work, 0 = one for each core. `done(outcome, total)` is called in this thread after
    each. A picture whose file, recipe and result are as a former run left them is skipped. A picture
    that cannot be read is an outcome, not an error. Raises BadInput where there is no picture, or a
    result would take the place of one; CannotWrite where the folder cannot be written or its disk is
    full: what was finished stays, and the next run goes on from there.
    """
    jobs = jobs or len(os.sched_getaffinity(0))
    summary = Summary()
    record = Record.of(folder, recipe)
    tasks = gather(inputs, folder, recipe.suffix, record.names)
    _checked(tasks, folder)

    def settle(outcome: Outcome) -> None:
        summary.outcomes.append(outcome)
        done(outcome, len(tasks))

    with record, _one_thread_a_picture(), _pool(jobs) as pool:
        running: set[Future[Outcome]] = set()
        for task in tasks:
            if record.has(task):
                settle(Outcome(task.source, "unchanged", folder / task.name))
                continue
            if len(running) >= 2 * jobs:  # what waits holds nothing but a path
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    settle(future.result())
            running.add(pool.submit(_one, task, recipe, folder, record))
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                settle(future.result())
    return summary


def _checked(tasks: Sequence[Task], folder: Path) -> None:
    if not tasks:
        raise BadInput(f"there is no picture to prepare: looked for {', '.join(sorted(SUFFIXES))}")
    sources = {task.source for task in tasks}
    for task in tasks:
        if (folder / task.name).absolute() in sources:
            raise BadInput(
                f"the result for {task.source} would take the place of {folder / task.name}; "
                "name another folder with --out"
            )


def _one(task: Task, recipe: Recipe, folder: Path, record: Record) -> Outcome:
    output = folder / task.name
    try:
        state = record.state(task)
        made = prepared(task.source, recipe, output)
        record.add(task, state, len(made.content))
    except CannotWrite as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in _HOPELESS:
            raise
        return Outcome(task.source, "failed", error=error.message)
    except MutoscopeError as error:
        return Outcome(task.source, "failed", error=error.message)
    except Exception as error:  # one picture's surprise is no reason to lose the other thousands
        return Outcome(task.source, "failed", error=f"{task.source.name}: {error!r}")
    return Outcome(task.source, "prepared", output, made.notes, made.warnings)


@contextmanager
def _pool(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """A pool that, when something goes wrong, starts nothing new and waits for what is under way."""
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="prepare")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _one_thread_a_picture() -> Iterator[None]:
    """Pictures side by side keep the cores busy better than one picture cut into strips."""
    before = pyvips.vips_lib.vips_concurrency_get()
    pyvips.vips_lib.vips_concurrency_set(1)
    try:
        yield
    finally:
        pyvips.vips_lib.vips_concurrency_set(before)
