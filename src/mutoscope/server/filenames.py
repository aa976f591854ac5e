"""File names that strangers send and that browsers are told."""

from __future__ import annotations

import unicodedata
import urllib.parse

MAX_BYTES = 200  # of a name in UTF-8; file systems take 255
_RESERVED = set('<>:"|?*')


def safe_name(claimed: str) -> str:
    """The base name alone: no folders, control or direction characters, no leading dots; "upload" where
    nothing is left."""
    base = claimed.replace("\\", "/").rpartition("/")[2]
    base = "".join(
        "_" if sign in _RESERVED else sign
        for sign in base
        if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    base = base.strip().lstrip(".").rstrip(". ")
    stem, dot, ending = base.rpartition(".")
    while len(base.encode()) > MAX_BYTES:
        if not dot or len(ending) > 16:
            base = base[:-1]
            continue
        stem = stem[:-1]
        base = f"{stem}.{ending}"
    return base or "upload"


def disposition(filename: str, *, inline: bool) -> str:
    """A Content-Disposition header (RFC 6266): the name in ASCII, and as it is where that differs."""
    kind = "inline" if inline else "attachment"
    name = safe_name(filename)
    plain = "".join(sign if " " <= sign <= "~" and sign not in '"\\%' else "_" for sign in name)
    header = f'{kind}; filename="{plain}"'
    if plain != name:
        header += f"; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"
    return header
