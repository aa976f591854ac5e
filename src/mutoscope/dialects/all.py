"""Every dialect, by name. A dialect is imported when a server is built that speaks it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from mutoscope.catalog.rules import listed
from mutoscope.dialects.dialect import Dialect
from mutoscope.errors import BadInput

#: In the order in which paths are compared with what they claim.
NAMES = (
    "openai",
    "azure",
    "relay",
    "runway",
    "luma",
    "luma_agents",
    "gemini",
    "interactions",
    "vertex",
)


def chosen(names: Iterable[str] = ()) -> tuple[Dialect, ...]:
    """The dialects of these names, all for none. BadInput for a name that is none."""
    wanted = tuple(dict.fromkeys(names)) or NAMES
    for name in wanted:
        if name not in NAMES:
            raise BadInput(
                f"server.dialects has {name!r}, which is no dialect; there are {listed(list(NAMES))}",
                field="server.dialects",
            )
    return tuple(dialect(name) for name in NAMES if name in wanted)


def dialect(name: str) -> Dialect:
    """One dialect."""
    found: Dialect = import_module(f"mutoscope.dialects.{name}.dialect").DIALECT
    return found
