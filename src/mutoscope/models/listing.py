"""What a repository has at one commit."""

from __future__ import annotations

import msgspec

from mutoscope.models.record import File


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """`files` by their names in the repository, with lengths and hashes."""

    commit: str
    files: dict[str, File]
