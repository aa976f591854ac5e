"""One process at a time pulls or removes a piece; a killed one's lock is the kernel's to open."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mutoscope.errors import BadInput
from mutoscope.models import places
from mutoscope.models.pieces import Piece


@contextmanager
def locked(piece: Piece, said: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the piece. Where another process does, wait, and tell `said` of that first; BadInput without
    one. A disk without locks has none. Raises OSError where the folder cannot be written."""
    path = places.lock(piece.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            busy = f"another mutoscope is pulling {piece.words}"
            if said is None:
                raise BadInput(f"{busy}; wait for it, or stop it") from None
            said(f"{busy}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            pass
        yield
