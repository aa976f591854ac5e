"""What the owner of a data folder does with its characters: `mutoscope characters`.

These write beside a running server, which sees what they wrote at the next request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from mutoscope.characters.admission import near_names
from mutoscope.characters.model import PREFIX, Character
from mutoscope.characters.rows import character
from mutoscope.characters.store import Characters
from mutoscope.errors import BadInput
from mutoscope.jobs.ledger import Ledger
from mutoscope.jobs.retention import LEAVING, YOUNG
from mutoscope.shot import Media
from mutoscope.storage.media import MediaStore
from mutoscope.storage.tables import characters
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.storage.records import Records


def listed(records: Records, project: str | None, limit: int) -> list[Character]:
    """The characters of a project (None: of every), the newest first."""

    def find(connection: Connection) -> list[Character]:
        of = select(characters).order_by(characters.c.id.desc()).limit(limit)
        if project is not None:
            of = of.where(characters.c.project == project)
        return [character(row) for row in connection.execute(of)]

    return records.read_now(find)


def found(records: Records, wanted: str, project: str) -> Character:
    """The character of that id, or of that name in the project: of several, the one that prompts mean.
    Raises BadInput with names that are near."""
    if wanted.startswith(PREFIX):
        one = asyncio.run(Characters(records).get(wanted, None))
        if one is not None:
            return one
    known = listed(records, project, 10_000)
    name = wanted.removeprefix("@").casefold()
    alike = [one for one in known if one.name.casefold() == name]
    if alike:
        return next((one for one in alike if one.status != "failed"), alike[0])
    near = near_names(name, [one.name for one in known])
    mend = (
        f"did you mean {' or '.join(near)}?" if near else "`mutoscope characters list` shows them"
    )
    raise BadInput(f"project {project} has no character {wanted!r}; {mend}")


def delete(records: Records, media: MediaStore, one: Character) -> None:
    """Delete a character with its files. What somebody sent a moment ago is left to a server's
    retention."""
    unneeded = asyncio.run(_gone(records, one))
    _retire(records, media, unneeded or ())


async def _gone(records: Records, one: Character) -> list[Media] | None:
    ledger = Ledger(records)
    await ledger.cancel(one.id, one.project)  # where it is still being prepared
    unneeded = await Characters(records).delete(one.id, one.project)
    await ledger.discard(one.id)
    return unneeded


def _retire(records: Records, media: MediaStore, unneeded: Iterable[Media]) -> None:
    left = [one for one in unneeded if not media.retire(one.sha256, older_than=YOUNG)]
    if left:
        records.write_now(lambda c: Uses().add(c, LEAVING, left))
