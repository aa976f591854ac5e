"""`mutoscope config`: every setting, its value and where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from mutoscope.configure import load, rows, shown


def config(
    *,
    config: Path | None = None,
    data: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    as_toml: Annotated[bool, Parameter(name="--toml", negative="")] = False,
) -> None:
    """Show every setting of the server, its value and where it came from.

    Parameters
    ----------
    config
        A settings file; without it, mutoscope.toml in the data folder.
    data
        The data folder.
    as_json
        Print JSON: {setting: {value, origin}}.
    as_toml
        Print a settings file that says the same.
    """
    settings, origins = load(config, given={"server.data": data})
    found = [(name, shown(name, value), origin) for name, value, origin in rows(settings, origins)]
    if as_json:
        values = {name: {"value": value, "origin": origin} for name, value, origin in found}
        print(msgspec.json.format(msgspec.json.encode(values)).decode())
    elif as_toml:
        print(toml(found), end="")
    else:
        table(found)


def table(found: list[tuple[str, Any, str]]) -> None:
    """The settings in columns; what is not a default stands out."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column("setting", no_wrap=True)
    grid.add_column("value", overflow="fold")
    grid.add_column("origin", overflow="fold")
    for name, value, origin in found:
        style = "dim" if origin == "default" else ""
        grid.add_row(Text(name), Text(written(value), style=style), Text(origin, style=style))
    Console().print(grid)


def written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{key_of(key)} = {written(one)}" for key, one in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    return msgspec.json.encode(value).decode()


def key_of(name: str) -> str:
    """A key as TOML writes it: bare where it may be."""
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else msgspec.json.encode(name).decode()


def toml(found: list[tuple[str, Any, str]]) -> str:
    """A settings file of these settings. Hidden values and the data folder are left as comments."""
    lines: list[str] = []
    section = ""
    for name, value, _ in found:
        here, _, key = name.rpartition(".")
        if here != section:
            head = ".".join(map(key_of, here.split(".", 1)))
            lines += ["", f"[{head}]"] if lines else [f"[{head}]"]
            section = here
        mark = "# " if "(hidden)" in str(value) or name == "server.data" else ""
        lines.append(f"{mark}{key} = {written(value)}")
    return "\n".join(lines) + "\n"
