"""The tables of docs/sound.md, made from the recipes and sources so that they cannot drift.

``python -m mutoscope.sound.docs docs/sound.md`` writes them between their marks; with ``--check`` it
only says, by its exit code, whether they are as they should be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from mutoscope import page_tables
from mutoscope.sound.layer import sources
from mutoscope.sound.lexicon import recipes

#: Words of each language that a row shows.
_SHOWN = 9


def recipes_table() -> str:
    """Each recipe: what it is made of, and some of its words."""
    lines = ["| recipe | made of (dB) | words, for instance |", "|---|---|---|"]
    for name, one in recipes().items():
        made = ", ".join(
            f"{source} {level:+g}".replace(" +0", "") for source, level in one.levels.items()
        )
        words = [word.strip() for word in one.words.split(",")]
        plain = [word for word in words if not word.startswith("*")]
        step = max(1, len(plain) // _SHOWN)
        shown = ", ".join(word.replace("*", "…") for word in plain[::step][:_SHOWN])
        place = " (a place, too)" if one.place else ""
        lines.append(f"| `{name}`{place} | {made} | {shown} |")
    return "\n".join(lines) + "\n"


def sources_table() -> str:
    """Each source and where its figures come from."""
    lines = ["| source | its figures |", "|---|---|"]
    lines += [f"| `{name}` | {one.about} |" for name, one in sources().items()]
    return "\n".join(lines) + "\n"


TABLES: dict[str, Callable[[], str]] = {"recipes": recipes_table, "sources": sources_table}


def main(arguments: list[str]) -> int:
    """Write or check the page; the exit code."""
    return page_tables.main(arguments, TABLES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
