"""The tables of docs/server.md, made from `mutoscope.config`.

``python -m mutoscope.server.settings_table docs/server.md`` writes them; ``--check`` says whether they
have drifted.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import msgspec

from mutoscope import config
from mutoscope.cli.config import written
from mutoscope.config import EngineAccount, Settings
from mutoscope.configure import rows

_BLOCK = re.compile(r"(<!-- table: settings -->\n).*?(<!-- end -->)", re.DOTALL)
_LINE = re.compile(r"^    (\w+): .*?(?:  # (.*))?$")
_UNITS = ((30, "GiB"), (20, "MiB"), (10, "KiB"))


def table() -> str:
    """Every setting: its name, its default, what it is for."""
    about = said()
    lines = ["| setting | default | what it is |", "| --- | --- | --- |"]
    for name, value, _ in rows(Settings(), {}):
        lines.append(f"| `{name}` | {default(name, value)} | {about[name]} |")
    lines += [
        f"| `engines.NAME.{key}` | {engine_default(key)} | {about[f'engines.{key}']} |"
        for key in EngineAccount.__struct_fields__
    ]
    return "\n".join(lines) + "\n"


def said() -> dict[str, str]:
    """What the comments in config.py say of each setting, by its name."""
    found: dict[str, str] = {}
    sections = {kind: name for name, kind in Settings.__annotations__.items()}
    for name, kind in vars(config).items():
        section = "engines" if kind is EngineAccount else sections.get(name)
        if section is None or not inspect.isclass(kind):
            continue
        for line in inspect.getsource(kind).splitlines():
            if match := _LINE.match(line):
                found[f"{section}.{match[1]}"] = match[2] or ""
    return found


def default(name: str, value: object) -> str:
    """A default as a reader takes it in: 32 MiB, 6 h."""
    if name == "server.data":
        return "the user's own"
    if value in ("", (), {}):
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 20:
        for bits, unit in _UNITS:
            if value % (1 << bits) == 0:
                return f"{value >> bits} {unit}"
    return f"`{written(value)}`"


def engine_default(key: str) -> str:
    fields = {one.name: one.default for one in msgspec.structs.fields(EngineAccount)}
    value = fields[key]
    return default(key, value) if isinstance(value, str | int | float) else ""


def main(arguments: list[str]) -> int:
    """Write or check the page; the exit code."""
    path = Path(next(word for word in arguments if not word.startswith("-")))
    page = path.read_text("utf-8")
    now = _BLOCK.sub(lambda found: f"{found[1]}{table()}{found[2]}", page)
    if "--check" in arguments:
        return int(now != page)
    path.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
