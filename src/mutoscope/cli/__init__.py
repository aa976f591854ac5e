"""The command line: a file a verb, imported only when that verb is called."""

from __future__ import annotations

import gc
import sys
from io import TextIOWrapper

from cyclopts import App, Parameter

from mutoscope.errors import MutoscopeError

ANIMATE = """Make a film of a photograph, or of two.

mutoscope animate photo.jpg "slow push in"
mutoscope animate morning.jpg noon.jpg "a gentle change" --seconds 3"""
#: verb → where it lives, and a line about it. A verb's file is imported when it is called.
VERBS = {
    "animate": ("mutoscope.cli.animate:animate", ANIMATE),
    "edit": ("mutoscope.cli.edit:edit", "Change a film: its grade, speed, shape, camera."),
    "extend": ("mutoscope.cli.extend:extend", "Go on with a film from its last frame."),
    "direct": ("mutoscope.cli.direct:direct", "Show how a sentence is read."),
    "prepare": ("mutoscope.cli.prepare:prepare", "Bring pictures to a frame's size and shape."),
    "inspect": ("mutoscope.cli.inspect:inspect", "Report on a picture, or on a first and a last."),
    "measure": (
        "mutoscope.cli.measure:measure",
        "Measure a film: did it do what was asked, and how well?",
    ),
    "weights": ("mutoscope.cli.weights:app", "List, fetch, verify or add learned weights."),
    "models": (
        "mutoscope.cli.models:app",
        "List, pull, verify and remove models with open weights.",
    ),
    "serve": ("mutoscope.cli.serve:serve", "Answer the vendors' video APIs on this machine."),
    "keys": ("mutoscope.cli.keys:app", "Make, list and revoke a server's API keys."),
    "jobs": ("mutoscope.cli.jobs:app", "Look at a server's jobs, decide about unconfirmed ones."),
    "characters": ("mutoscope.cli.characters:app", "Make, show, export and import characters."),
    "webhooks": ("mutoscope.cli.webhooks:app", "Show who is told of films, and tell them again."),
    "backup": ("mutoscope.cli.backup:backup", "Back up a server's records and media."),
    "restore": ("mutoscope.cli.backup:restore", "Restore a backup into an empty data folder."),
    "config": ("mutoscope.cli.config:config", "Show a server's settings and where each came from."),
    "doctor": ("mutoscope.cli.doctor:doctor", "Tell what is here, what is missing, how to get it."),
}


def build() -> App:
    """The app as a value."""
    app = App(
        name="mutoscope",
        help="Turns stills into film on the machine you have.",
        help_format="plaintext",
        default_parameter=Parameter(negative=()),
        suppress_keyboard_interrupt=False,  # `main` says what became of the work
    )
    for verb, (place, about) in VERBS.items():
        app.command(place, name=verb, help=about)
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
    finally:
        gc.freeze()  # the process ends: to search all that was loaded for cycles takes .2 seconds
