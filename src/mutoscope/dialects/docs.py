"""The tables of docs/dialects.md: where each dialect is, and what each of its fields becomes.

``python -m mutoscope.dialects.docs docs/dialects.md`` writes them; ``--check`` fails where they differ.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module

from mutoscope import page_tables
from mutoscope.catalog.rules import listed
from mutoscope.dialects.all import chosen
from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.dialects.shared.table import Field

#: Where a field leads, as a reader takes it in.
_ROOMS = {"shot": "Shot: `{}`", "job": "the job: `{}`"}


def places() -> str:
    """Each dialect with its prefix and its own paths."""
    lines = ["| dialect | `--dialects` | prefix | without the prefix |", "|---|---|---|---|"]
    for one in chosen():
        claims = "<br>".join(_claim(claim) for claim in one.claims)
        lines.append(f"| {one.title} | `{one.name}` | `{one.prefix}` | {claims} |")
    return "\n".join(lines) + "\n"


def fields() -> str:
    """Every field of every dialect."""
    return "\n".join(_fields(one) for one in chosen() if one.tables)


def _fields(one: Dialect) -> str:
    parts = [f"### {one.title}\n"]
    for title, where in one.tables.items():
        module, _, name = where.partition(":")
        table: Mapping[str, Field] = getattr(import_module(module), name)
        parts.append(f"{title}:\n\n{_table(table)}")
    return "\n".join(parts)


def _table(table: Mapping[str, Field]) -> str:
    lines = ["| field | becomes |", "|---|---|"]
    lines += [f"| `{name}` | {becomes(one)} |" for name, one in table.items()]
    return "\n".join(lines) + "\n"


def becomes(one: Field) -> str:
    """Where a field leads, in words."""
    why = one.says.replace("|", "\\|")
    if not one.to:
        usual = listed([f"`{json.dumps(value)}`" for value in one.harmless])
        said = "nothing here, and a notice says so" + (f" unless it is {usual}" if usual else "")
        return said + (f": {why}" if why else "")
    room, dot, name = one.to.partition(".")
    if dot and room in _ROOMS and name.isidentifier():
        said = _ROOMS[room].format(name)
    elif one.to == "takes":
        said = "as many films, each with a seed of its own"
    else:
        said = one.to.removeprefix("other ").removeprefix("other")
    return "; ".join(part for part in (said, why) if part)


def _claim(claim: Claim) -> str:
    told = [f"`{claim.path}`"]
    told += [f"with the header `{claim.header}`"] if claim.header else []
    told += [f"that has `{claim.saying}`"] if claim.saying else []
    told += [f"with `?{claim.query}=`"] if claim.query else []
    told += [f"holding `{claim.holding}`"] if claim.holding else []
    return " ".join(told)


TABLES: dict[str, Callable[[], str]] = {"places": places, "fields": fields}


def main(arguments: list[str]) -> int:
    """Write or check the page; the exit code."""
    return page_tables.main(arguments, TABLES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
