"""What a stage made, put into the store so that it is still there after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

from mutoscope.shot import Media
from mutoscope.storage.media import MediaStore


def stored(store: MediaStore, path: Path, type: str = "") -> Media:
    """The file as a medium, on the disk when this returns: a job is not called completed before its film
    is. Blocks. Raises CannotWrite."""
    media = store.put(path, type=type)
    place = store.path(media)
    for one in (place, place.parent):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return media
