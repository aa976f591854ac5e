"""How a command is run to be timed."""

from __future__ import annotations

import os


def as_installed(**more: str) -> dict[str, str]:
    """The environment in which modules keep their bytecode, as an installed package has it."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return plain | more
