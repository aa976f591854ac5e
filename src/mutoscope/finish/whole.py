"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mutoscope.errors import CannotWrite

#: A picture of a sequence.
_NAME = re.compile(r"\d{5,}\.png")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside `path` to write into; it takes `path`'s name when the block ends well, and is
    removed otherwise. Raises CannotWrite for whatever the disk refuses in between."""
    if path.is_dir():
        raise CannotWrite(f"{path} is a folder; name a file in it")
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(path.suffix, f".{path.stem}-", path.parent)
        os.close(handle)
        part = Path(name)
        yield part
        mask = os.umask(0o077)  # can only be read by setting it
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        os.replace(part, path)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{path} cannot be written: {why}; name another place") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def refuse_other(folder: Path) -> None:
    """Raise CannotWrite where `folder` is a file, or has anything in it but an earlier sequence."""
    if folder.is_file():
        raise CannotWrite(f"{folder} is a file; name a folder for the numbered pictures")
    if folder.is_dir() and any(not _NAME.fullmatch(one.name) for one in folder.iterdir()):
        raise CannotWrite(f"{folder} has other files in it; name a new folder for the pictures")


def take_place(made: Path, folder: Path) -> None:
    """Give a folder of pictures its name, in place of an earlier sequence. Raises CannotWrite."""
    refuse_other(folder)
    before = made.with_name(f"{made.name}-before")
    try:
        if folder.exists():
            os.replace(folder, before)
        os.replace(made, folder)
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(before, ignore_errors=True)
