"""`mutoscope characters`: make, look at, edit and carry away characters, beside a running server or not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from mutoscope.cli.asked import Config, Data, Json, Project
from mutoscope.cli.characters_shown import counted, row, tell, told, written
from mutoscope.cli.consenting import ConsentWords
from mutoscope.cli.records import opened, print_json
from mutoscope.errors import BadInput

app = App(name="characters", help="Make, show, edit, export and import characters.")
#: Verbs that live in files of their own, imported when they are called.
MORE = {
    "add": ("mutoscope.cli.characters_add:add", "Make a character of a film or of pictures."),
    "export": ("mutoscope.cli.characters_files:export", "Write a character into one file."),
    "import": ("mutoscope.cli.characters_files:import_", "Take a character in from its file."),
    "score": ("mutoscope.cli.characters_score:score", "Score how much it is the same in clips."),
}
for _verb, (_place, _about) in MORE.items():
    app.command(_place, name=_verb, help=_about)


@app.command(name="list")
def list_(
    *,
    project: str | None = None,
    limit: int = 50,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List characters, the newest first.

    Parameters
    ----------
    project
        Whose: every project's where left out.
    limit
        How many at most.
    """
    from mutoscope.characters import owner

    with opened(data, config) as (records, _):
        found = owner.listed(records, project, max(1, limit) + 1)
    more, found = len(found) > max(1, limit), found[: max(1, limit)]
    if as_json:
        print_json([row(one) for one in found])
        return
    if not found:
        print("no characters; `mutoscope characters add NAME FILE` makes one")
        return
    for one in found:  # an id fills most of a line
        print(f"{one.name}: {told(one)}")
        print(f"  {one.id}, project {one.project}")
    if more:
        print(f"and older ones: --limit {2 * max(1, limit)} shows more")


@app.command
def show(
    character: str,
    *,
    sheet: Path | None = None,
    project: Project = "default",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show a character: what it was made from, its frames, its consent.

    Parameters
    ----------
    character
        Its id, or its name.
    sheet
        Write a contact sheet of its frames and cut-outs to this PNG.
    """
    from mutoscope.characters import owner
    from mutoscope.characters.showing import standing
    from mutoscope.cli.show import listed
    from mutoscope.storage.media import MediaStore

    with opened(data, config) as (records, settings):
        one = owner.found(records, character, project)
        if sheet is not None:
            written(one, MediaStore(settings.server.data / "media"), sheet)
    if as_json:
        print_json(row(one))
        return
    from rich.console import Console

    console = Console(highlight=False)
    print(f"{one.name}: {told(one)}")
    print(f"  {one.id}, project {one.project}")
    if one.description:
        listed(console, "·", one.description)
    for n, frame in enumerate(one.frames):
        edges = f", cut off at the {' and '.join(frame.cut)}" if frame.cut else ""
        faces = f", {counted(frame.faces, 'face')}" if frame.faces else ""
        print(f"  {n}: at {frame.at:g}, score {frame.score:.2f}{edges}{faces}")
    if one.consent is not None:
        until = f" until {one.consent.until}" if one.consent.until else ""
        listed(
            console,
            "✓",
            f"consent of {one.consent.person}, given by {one.consent.given_by} at {one.consent.at}"
            f"{until} for {', '.join(one.consent.uses)}",
        )
    for notice in standing(one, time.time()):
        listed(console, "!", notice.message, "yellow")
    if one.error is not None:
        listed(console, "✗", one.error.message, "red")
    if sheet is not None:
        print(f"  sheet: {sheet}")


@app.command
def edit(
    character: str,
    *,
    name: str | None = None,
    description: str | None = None,
    consent: Annotated[ConsentWords | None, Parameter(name="*")] = None,
    no_consent: bool = False,
    project: Project = "default",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Change a character's name, description or consent. What was made with it stays as it is.

    Parameters
    ----------
    character
        Its id, or its name.
    name
        Its new name.
    description
        Its new description.
    no_consent
        Take its consent record away.
    """
    import asyncio

    from mutoscope.characters import owner
    from mutoscope.characters.model import checked_description, checked_name
    from mutoscope.characters.store import Characters, Edit
    from mutoscope.jobs.job import KEEP

    record = None if consent is None else consent.record()
    if record is not None and no_consent:
        raise BadInput("--no-consent takes the record away that --person would write; give one")
    if name is None and description is None and record is None and not no_consent:
        raise BadInput("nothing is changed: give --name, --description, --person or --no-consent")
    change = Edit(
        name=None if name is None else checked_name(name),
        description=None if description is None else checked_description(description),
        consent=None if no_consent else record if record is not None else KEEP,
    )
    with opened(data, config) as (records, _):
        one = owner.found(records, character, project)
        changed = asyncio.run(Characters(records).edit(one.id, one.project, change))
    if changed is None:
        raise BadInput(f"character {one.id} was deleted meanwhile")
    tell(changed, as_json)


@app.command
def delete(
    character: str,
    *,
    project: Project = "default",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Delete a character with its files. Films that were made with it stay.

    Parameters
    ----------
    character
        Its id, or its name.
    """
    from mutoscope.characters import owner
    from mutoscope.storage.media import MediaStore

    with opened(data, config) as (records, settings):
        one = owner.found(records, character, project)
        owner.delete(records, MediaStore(settings.server.data / "media"), one)
    if as_json:
        print_json({"id": one.id, "deleted": True})
    else:
        print(f"{one.name} ({one.id}) is deleted")
