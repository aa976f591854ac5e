"""The command line: a file a verb, imported only when that verb is called."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from cyclopts import App

from mutoscope.errors import MutoscopeError

#: verb → where it lives. `mutoscope --help` shows them in this order.
VERBS = {
    "animate": "mutoscope.cli.animate:animate",
    "direct": "mutoscope.cli.direct:direct",
    "prepare": "mutoscope.cli.prepare:prepare",
    "inspect": "mutoscope.cli.inspect:inspect",
    "weights": "mutoscope.cli.weights:app",
    "doctor": "mutoscope.cli.doctor:doctor",
}


def build() -> App:
    """The app as a value."""
    app = App(
        name="mutoscope",
        help="Turns stills into film on the machine you have.",
        suppress_keyboard_interrupt=False,  # `main` says what became of the work
    )
    for verb, place in VERBS.items():
        app.command(place, name=verb)
    return app


def main() -> None:
    """The console script: one line and a useful exit code for whatever goes wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of plain ASCII shows ? for ✓
    try:
        build()()
    except MutoscopeError as error:
        print(f"mutoscope: {error.message}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        print("mutoscope: stopped; nothing half-written was left", file=sys.stderr)
        raise SystemExit(130) from None
