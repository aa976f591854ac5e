"""The characters of every project: a name, what it was made from, its reference frames, a consent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from mutoscope.characters.consent import Consent
from mutoscope.characters.model import (
    MAX_DESCRIPTION,
    MAX_NAME,
    PREFIX,
    Character,
    Frame,
    Origin,
    Status,
    checked_name,
    kept,
)
from mutoscope.characters.rows import character, one, text
from mutoscope.jobs.job import KEEP, Keep, Problem
from mutoscope.jobs.retention import LEAVING
from mutoscope.shot import Media
from mutoscope.storage.prepared import Prepared
from mutoscope.storage.tables import characters
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.storage.records import Records


@dataclass(frozen=True, slots=True)
class CharacterPage:
    characters: Sequence[Character]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is changed of a character; None stays as it is. `consent` KEEP stays, None is taken away."""

    name: str | None = None
    description: str | None = None
    consent: Consent | Keep | None = KEEP


_ANY = Prepared(
    lambda _: select(characters.c.id).where(characters.c.project == bindparam("project")).limit(1)
)


class Characters:
    """Each query names the project that asks. The same name may be given twice, as programs that make
    their characters anew at every start do: the name then means the newest that did not fail."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.uses = Uses()

    async def create(
        self,
        id: str,
        project: str,
        name: str,
        description: str = "",
        source: Media | None = None,
        *,
        frames: Sequence[Frame] = (),
        origin: Origin | None = None,
        consent: Consent | None = None,
    ) -> Character:
        """Write a character down: "ready" where its frames are here, else "preparing", under an id that
        its job has too. One that is there already stays as it is."""

        def write(connection: Connection) -> Character:
            found = one(connection, id, project)
            if found is not None:
                return found
            row = {
                "id": id,
                "project": project,
                "name": name,
                "description": description,
                "status": "ready" if frames else "preparing",
                "source": text(source),
                "frames": text(tuple(frames)) if frames else None,
                "origin": text(origin),
                "consent": text(consent),
                "created": connection.execute(select(self.records.now(connection))).scalar_one(),
            }
            connection.execute(insert(characters).values(row))
            self.uses.add(connection, id, kept(source, tuple(frames), origin))
            made = one(connection, id, project)
            assert made is not None
            return made

        return await self.records.write(write)

    async def get(self, id: str, project: str | None) -> Character | None:
        """The character, where the project (None: any, for a signed link) has it."""
        return await self.records.read(lambda connection: one(connection, id, project))

    async def several(self, ids: Iterable[str], project: str) -> list[Character]:
        """Those of the ids that the project has, whole."""
        wanted = list(ids)

        def find(connection: Connection) -> list[Character]:
            mine = characters.c.id.in_(wanted) & (characters.c.project == project)
            return [character(row) for row in connection.execute(select(characters).where(mine))]

        return await self.records.read(find) if wanted else []

    async def page(
        self, project: str, *, after: str | None, limit: int, order: str, search: str = ""
    ) -> CharacterPage | None:
        """A page in the order of creation, of those with `search` in their name or description; None
        where `after` is no character of the project's."""

        def find(connection: Connection) -> CharacterPage | None:
            of = select(characters).where(characters.c.project == project)
            if after is not None:
                if one(connection, after, project) is None:
                    return None
                of = of.where(
                    characters.c.id > after if order == "asc" else characters.c.id < after
                )
            if search:
                places = (characters.c.name, characters.c.description)
                of = of.where(or_(*(place.icontains(search, autoescape=True) for place in places)))
            key = characters.c.id.asc() if order == "asc" else characters.c.id.desc()
            rows = connection.execute(of.order_by(key).limit(limit + 1)).all()
            return CharacterPage([character(row) for row in rows[:limit]], len(rows) > limit)

        return await self.records.read(find)

    async def any(self, project: str) -> bool:
        """Whether the project has a character: every shot is asked, and most projects have none."""
        if self.records.dialect == "sqlite":  # takes less than handing it to a thread
            return self.records.read_now(lambda c: _ANY.first(c, {"project": project})) is not None
        return await self.records.read(lambda c: _ANY.first(c, {"project": project})) is not None

    async def named(self, project: str, limit: int = 10_000) -> list[Character]:
        """All that the project may speak of, the newest first, without their frames."""

        def find(connection: Connection) -> list[Character]:
            of = select(
                characters.c.id, characters.c.project, characters.c.name, characters.c.status,
                characters.c.description, characters.c.created, characters.c.error,
            )  # fmt: skip
            of = of.where(characters.c.project == project).order_by(characters.c.id.desc())
            rows: Sequence[Any] = connection.execute(of.limit(limit)).all()
            return [character(row) for row in rows]

        return await self.records.read(find)

    async def edit(self, id: str, project: str, change: Edit) -> Character | None:
        """The character as it then is; None where the project has no such."""
        values: dict[str, Any] = {
            name: value
            for name in ("name", "description")
            if (value := getattr(change, name)) is not None
        }
        if not isinstance(change.consent, Keep):
            values["consent"] = text(change.consent)

        def write(connection: Connection) -> Character | None:
            mine = (characters.c.id == id) & (characters.c.project == project)
            if values:
                told = values | {"updated": self.records.now(connection)}
                found = one(connection, id, project)
                if found is not None and change.name not in (None, found.name):
                    told["registered"] = None  # elsewhere it is known by its old name
                connection.execute(update(characters).where(mine).values(told))
            return one(connection, id, project)

        return await self.records.write(write)

    async def ready(
        self,
        id: str,
        source: Media | None,
        frames: Sequence[Frame],
        origin: Origin | None = None,
    ) -> bool:
        """Its frames are here. What it needed until then and does not need any more is let go. False
        where it was deleted meanwhile."""

        def write(connection: Connection) -> bool:
            values = {
                "status": "ready",
                "source": text(source),
                "frames": text(tuple(frames)),
                "error": None,
            }
            if origin is not None:
                values["origin"] = text(origin)
            mine = update(characters).where(characters.c.id == id).values(values)
            if not connection.execute(mine).rowcount:
                return False
            found = connection.execute(select(characters).where(characters.c.id == id)).one()
            needed = character(found).media()
            dropped = self.uses.drop(connection, id)
            self.uses.add(connection, id, needed)
            gone = {one.sha256 for one in dropped} - {one.sha256 for one in needed}
            self.uses.add(connection, LEAVING, [one for one in dropped if one.sha256 in gone])
            return True

        return await self.records.write(write)

    async def failed(self, id: str, error: Problem) -> bool:
        """It came to nothing. False where it was deleted meanwhile."""
        values = {"status": "failed", "error": text(error)}
        mine = update(characters).where(characters.c.id == id).values(values)
        return await self.records.write(lambda c: bool(c.execute(mine).rowcount))

    async def delete(self, id: str, project: str) -> list[Media] | None:
        """Delete the row: the media that nobody needs any more, whose content the caller removes. None
        where the project has no such character."""

        def drop(connection: Connection) -> list[Media] | None:
            mine = (characters.c.id == id) & (characters.c.project == project)
            if not connection.execute(delete(characters).where(mine)).rowcount:
                return None
            return list(self.uses.drop(connection, id))

        return await self.records.write(drop)


__all__ = [
    "MAX_DESCRIPTION", "MAX_NAME", "PREFIX", "Character", "CharacterPage", "Characters", "Edit", "Frame",
    "Origin", "Status", "checked_name",
]  # fmt: skip
