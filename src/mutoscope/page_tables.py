"""Tables of a page that mirror data: between `<!-- table: NAME -->` and `<!-- end -->` stands what a
function makes of the data now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Tables = Mapping[str, Callable[[], str]]
_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(page: str, tables: Tables) -> str:
    """The page with each table, between its marks, as it is now."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{tables[found[2]]()}\n{found[3]}", page)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as Markdown; a bar within a cell, which would end it, becomes a stroke."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def main(arguments: list[str], tables: Tables) -> int:
    """Write the page that is named, or with `--check` see whether it is as it should be; the exit code."""
    path = Path(next(word for word in arguments if not word.startswith("-")))
    page = path.read_text("utf-8")
    now = written(page, tables)
    if "--check" in arguments:
        return int(now != page)
    path.write_text(now, "utf-8")
    return 0
