"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mutoscope.errors import CannotWrite


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
