"""Options that verbs of a data folder share, each with its words in the help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

Data = Annotated[Path | None, Parameter(help="The server's data folder.")]
Config = Annotated[Path | None, Parameter(help="The server's settings file.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON.")]
Project = Annotated[str, Parameter(help="The project in which the name is looked up.")]
