"""Learned weights: a manifest of what they are and where they come from, and a cache per user.

Two functions are all that the other rooms need: `find` for what may be missing, `require` for what
must be there. Neither reads the file or touches the network.
"""

from __future__ import annotations

from pathlib import Path

from mutoscope.errors import Missing


def find(name: str) -> Path | None:
    """The file of the weights called `name` ("matte", "inpaint", "faces", "interpolate", "depth"), or
    None where it is not here. `BadInput` for a name that the manifest does not have."""
    from mutoscope.weights import cache, manifest

    return cache.find(manifest.entry(name))


def require(name: str) -> Path:
    """Like `find`, but `Missing` says how to get it where it is not here."""
    from mutoscope.weights import cache, manifest

    entry = manifest.entry(name)
    path = cache.find(entry)
    if path is None:
        raise Missing(
            f"the weights {name!r} ({entry.title}, {entry.size / 1e6:.1f} MB: it {entry.purpose}) are "
            f"not here; get them with `mutoscope weights fetch {name}`",
            hint=f"mutoscope weights fetch {name}",
        )
    return path
