"""A question before something is done that cannot be undone."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

Yes = Annotated[bool, Parameter(name=["--yes", "-y"], negative="", help="Do not ask.")]


def terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def agreed(question: str, yes: bool, *, silent: bool = True) -> bool:
    """What the person at the terminal says to `question`; `silent` where there is nobody. The question
    goes to stderr, so that what is printed stays what it is."""
    if yes or not terminal():
        return yes or silent
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
