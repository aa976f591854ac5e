"""The characters of every project: a name, the clip it was made from, and its reference frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from mutoscope.errors import BadInput
from mutoscope.jobs.job import Problem
from mutoscope.shot import Media
from mutoscope.storage.prepared import Prepared
from mutoscope.storage.tables import characters
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.storage.records import Records

PREFIX = "char_"
MAX_NAME, MAX_DESCRIPTION = 80, 4000  # characters
Status = Literal["preparing", "ready", "failed"]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A reference frame: `media` is the picture, `matte` the cut-out of the same size (PNG with alpha).
    `at` in seconds of the clip, `box` in fractions of the frame, `cut` the edges of the frame that the
    figure runs off, scores 0..1."""

    media: Media
    matte: Media
    at: float
    box: tuple[float, float, float, float]
    cut: tuple[str, ...] = ()
    sharpness: float = 0.0
    exposure: float = 0.0
    whole: float = 0.0
    steady: float = 0.0
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One row of `storage.tables.characters`, read. `source` is None until a clip at an address was
    fetched; `frames` are the best first."""

    id: str
    project: str
    name: str
    description: str
    status: Status
    source: Media | None
    frames: tuple[Frame, ...]
    error: Problem | None
    created: float


@dataclass(frozen=True, slots=True)
class CharacterPage:
    characters: Sequence[Character]
    has_more: bool


def checked_name(name: object) -> str:
    """The name without blanks around it. Raises BadInput unless it is 1 to 80 printable characters."""
    if not isinstance(name, str):
        raise BadInput(
            f"Invalid type for 'name': expected a string of 1 to {MAX_NAME} characters.",
            field="name",
            code="invalid_type",
        )
    name = " ".join(name.split())
    spoken = any(letter.isalnum() for letter in name)
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable() or not spoken:
        raise BadInput(
            f"Invalid 'name': it has {len(name)} characters; it must be 1 to {MAX_NAME} that can be "
            "printed, a letter among them, such as 'Roller Pan'",
            field="name",
            code="invalid_value",
        )
    return name


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
        self, id: str, project: str, name: str, description: str = "", source: Media | None = None
    ) -> Character:
        """Write a character down as "preparing", under an id that its job has too; one that is there
        already stays as it is."""

        def write(connection: Connection) -> Character:
            found = _one(connection, id, project)
            if found is not None:
                return found
            now = connection.execute(select(self.records.now(connection))).scalar_one()
            row = {
                "id": id,
                "project": project,
                "name": name,
                "description": description,
                "status": "preparing",
                "source": _text(source),
                "created": now,
            }
            connection.execute(insert(characters).values(row))
            if source is not None:
                self.uses.add(connection, id, (source,))
            made = _one(connection, id, project)
            assert made is not None
            return made

        return await self.records.write(write)

    async def get(self, id: str, project: str) -> Character | None:
        """The character, where the project has it."""
        return await self.records.read(lambda connection: _one(connection, id, project))

    async def page(
        self, project: str, *, after: str | None, limit: int, order: str
    ) -> CharacterPage | None:
        """A page in the order of creation; None where `after` is no character of the project's."""

        def find(connection: Connection) -> CharacterPage | None:
            of = select(characters).where(characters.c.project == project)
            if after is not None:
                if _one(connection, after, project) is None:
                    return None
                of = of.where(
                    characters.c.id > after if order == "asc" else characters.c.id < after
                )
            key = characters.c.id.asc() if order == "asc" else characters.c.id.desc()
            rows = connection.execute(of.order_by(key).limit(limit + 1)).all()
            return CharacterPage([_character(row) for row in rows[:limit]], len(rows) > limit)

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
            return [_character(row) for row in rows]

        return await self.records.read(find)

    async def ready(self, id: str, source: Media, frames: Sequence[Frame]) -> bool:
        """Its frames are here. False where it was deleted meanwhile."""
        values = {
            "status": "ready",
            "source": _text(source),
            "frames": _text(tuple(frames)),
            "error": None,
        }
        media = (source, *(one for frame in frames for one in (frame.media, frame.matte)))
        return await self._change(id, values, media)

    async def failed(self, id: str, error: Problem) -> bool:
        """It came to nothing. False where it was deleted meanwhile."""
        return await self._change(id, {"status": "failed", "error": _text(error)}, ())

    async def delete(self, id: str, project: str) -> list[Media] | None:
        """Delete the row: the media that nobody needs any more, whose content the caller removes. None
        where the project has no such character."""

        def drop(connection: Connection) -> list[Media] | None:
            mine = (characters.c.id == id) & (characters.c.project == project)
            if not connection.execute(delete(characters).where(mine)).rowcount:
                return None
            return list(self.uses.drop(connection, id))

        return await self.records.write(drop)

    async def _change(self, id: str, values: dict[str, Any], media: Sequence[Media]) -> bool:
        def write(connection: Connection) -> bool:
            mine = update(characters).where(characters.c.id == id).values(values)
            if not connection.execute(mine).rowcount:
                return False
            self.uses.add(connection, id, media)
            return True

        return await self.records.write(write)


def _one(connection: Connection, id: str, project: str) -> Character | None:
    mine = (characters.c.id == id) & (characters.c.project == project)
    row = connection.execute(select(characters).where(mine)).first()
    return _character(row) if row is not None else None


def _character(row: Row[Any]) -> Character:
    held = row._mapping
    source, frames, error = (held.get(name) for name in ("source", "frames", "error"))
    return Character(
        id=row.id,
        project=row.project,
        name=row.name,
        description=row.description,
        status=row.status,
        source=msgspec.json.decode(source, type=Media) if source else None,
        frames=msgspec.json.decode(frames, type=tuple[Frame, ...]) if frames else (),
        error=msgspec.json.decode(error, type=Problem) if error else None,
        created=row.created,
    )


def _text(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
