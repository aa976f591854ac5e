"""What a probe of the machine found."""

from __future__ import annotations

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report. `needed`: without it no film can be made on this machine."""

    name: str
    state: Literal["ok", "note", "missing", "broken"]
    detail: str = ""
    mend: str = ""
    needed: bool = False
