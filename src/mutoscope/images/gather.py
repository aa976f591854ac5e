"""Which pictures a person means by some files and folders, and what each result is called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from mutoscope.images.sniff import READABLE

SUFFIXES = frozenset(suffix for kind in READABLE for suffix in kind.suffixes)


@dataclass(frozen=True, slots=True)
class Task:
    """A picture, and its result's name in the folder (with "/" where it lies deeper)."""

    source: Path
    name: str


def gather(
    inputs: Iterable[Path], folder: Path, suffix: str, known: Mapping[str, str] | None = None
) -> list[Task]:
    """A task for each file, and for each picture in each folder and its subfolders, in a fixed order.

    A folder's pictures are told by their endings; a file that is named is taken as it is. `folder`,
    where the results go, is left out, and so are hidden files. Results keep the place under their
    folder. Where two pictures would get one name (a.jpg and a.png), the later one gets its own ending
    too ("a-png.jpg"), then a number. `known` are names from former runs, by absolute source: they stay.
    """
    known = known or {}
    found: dict[Path, Path] = {}  # absolute source → its place under its folder
    for given in inputs:
        if given.is_dir():
            for path in _pictures(given, folder):
                found.setdefault(path.absolute(), path.relative_to(given))
        else:
            found.setdefault(given.absolute(), Path(given.name))
    # casefolded: some disks take A.jpg and a.jpg for one
    taken = {name.casefold() for name in known.values()}
    tasks = []
    for source, place in found.items():
        name = known.get(str(source), "")
        if not name.endswith(suffix):
            name = _free(place, suffix, taken)
            taken.add(name.casefold())
        tasks.append(Task(source, name))
    return tasks


def _free(place: Path, suffix: str, taken: Set[str]) -> str:
    base = place.with_suffix("").as_posix()
    own = place.suffix.removeprefix(".").lower()
    candidates = [base + suffix, f"{base}-{own}{suffix}"]
    count = 2
    while True:
        for name in candidates:
            if name.casefold() not in taken:
                return name
        candidates = [f"{base}-{count}{suffix}"]
        count += 1


def _pictures(root: Path, folder: Path) -> Iterable[Path]:
    out = folder.absolute()
    for at, folders, files in os.walk(root):
        here = Path(at)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and (here / name).absolute() != out
        )
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield here / name
