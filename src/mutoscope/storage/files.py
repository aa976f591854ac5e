"""Uploaded files and what batches write: a name for a medium, until it is deleted or expires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select

from mutoscope.shot import Media
from mutoscope.storage.ids import is_id, new_id
from mutoscope.storage.tables import files
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.storage.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One row of `storage.tables.files`, read. Times are seconds since 1970."""

    id: str
    project: str
    filename: str
    purpose: str
    media: Media
    created: float
    expires: float | None


@dataclass(frozen=True, slots=True)
class FilePage:
    files: Sequence[File]
    has_more: bool


class Files:
    """The files of every project; each query names the project that asks. A file past its time is not
    there any more, whether it has been swept out yet or not."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.uses = Uses()

    async def create(
        self, project: str, filename: str, purpose: str, media: Media, lasting: float | None = None
    ) -> File:
        """Write a file down; `lasting` is in seconds, None until it is deleted."""
        name = new_id("file-")

        def write(connection: Connection) -> File:
            return self.add(connection, name, project, filename, purpose, media, lasting)

        return await self.records.write(write)

    def add(
        self,
        connection: Connection,
        name: str,
        project: str,
        filename: str,
        purpose: str,
        media: Media,
        lasting: float | None = None,
    ) -> File:
        """`create` as part of the caller's transaction, under an id that it chose."""
        now = connection.execute(select(self.records.now(connection))).scalar_one()
        expires = None if lasting is None else now + lasting
        row = {
            "id": name,
            "project": project,
            "filename": filename,
            "purpose": purpose,
            "sha256": media.sha256,
            "type": media.type,
            "length": media.length,
            "created": now,
            "expires": expires,
        }
        connection.execute(insert(files).values(row))
        self.uses.add(connection, name, (media,))
        return File(
            id=name, project=project, filename=filename, purpose=purpose, media=media,
            created=now, expires=expires,
        )  # fmt: skip

    async def get(self, name: str, project: str | None) -> File | None:
        """The file, where the project has it; any project's for None, which a signed link allows."""

        def find(connection: Connection) -> File | None:
            of = select(files).where(files.c.id == name, self._alive(connection))
            if project is not None:
                of = of.where(files.c.project == project)
            row = connection.execute(of).first()
            return _file(row) if row is not None else None

        return await self.records.read(find)

    async def page(
        self, project: str, *, after: str | None, limit: int, order: str, purpose: str | None = None
    ) -> FilePage | None:
        """A page in the order of creation; None where `after` is no id. It may be a deleted file's."""
        if after is not None and not is_id(after):
            return None

        def find(connection: Connection) -> FilePage:
            of = select(files).where(files.c.project == project, self._alive(connection))
            if after is not None:
                of = of.where(files.c.id > after if order == "asc" else files.c.id < after)
            if purpose is not None:
                of = of.where(files.c.purpose == purpose)
            key = files.c.id.asc() if order == "asc" else files.c.id.desc()
            rows = connection.execute(of.order_by(key).limit(limit + 1)).all()
            return FilePage([_file(row) for row in rows[:limit]], len(rows) > limit)

        return await self.records.read(find)

    async def delete(self, name: str, project: str | None) -> list[Media] | None:
        """Delete the row: the media that nobody needs any more, whose content the caller removes. None
        where the project has no such file."""

        def drop(connection: Connection) -> list[Media] | None:
            of = delete(files).where(files.c.id == name)
            if project is not None:
                of = of.where(files.c.project == project)
            if connection.execute(of).rowcount == 0:
                return None
            return list(self.uses.drop(connection, name))

        return await self.records.write(drop)

    async def expired(self, limit: int = 100) -> list[str]:
        """Files past their time, for whoever sweeps them out."""

        def find(connection: Connection) -> list[str]:
            past = files.c.expires <= self.records.now(connection)
            return list(connection.execute(select(files.c.id).where(past).limit(limit)).scalars())

        return await self.records.read(find)

    def _alive(self, connection: Connection) -> ColumnElement[bool]:
        return or_(files.c.expires.is_(None), files.c.expires > self.records.now(connection))


def _file(row: Row[Any]) -> File:
    return File(
        id=row.id,
        project=row.project,
        filename=row.filename,
        purpose=row.purpose,
        media=Media(row.sha256, row.type, row.length),
        created=row.created,
        expires=row.expires,
    )
