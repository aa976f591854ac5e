"""Which rows need a medium. A medium that none needs may be deleted."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, select

from mutoscope.shot import Media
from mutoscope.storage.clock import now
from mutoscope.storage.prepared import Prepared
from mutoscope.storage.tables import media_uses

_ADD = Prepared(
    lambda insert: (
        insert(media_uses)
        .values(
            created=now(),
            **{name: bindparam(name) for name in ("sha256", "owner", "type", "length")},
        )
        .on_conflict_do_nothing()
        .returning(media_uses.c.sha256)
    )
)


class Uses:
    """All within a transaction of the caller's: what it writes and what that needs stand together."""

    def add(self, connection: Connection, owner: str, medias: Iterable[Media]) -> None:
        """`owner` (the id of a job, file or character) needs these; again is no error."""
        needed = [
            {"owner": owner, "sha256": media.sha256, "type": media.type, "length": media.length}
            for media in dict.fromkeys(medias)
        ]
        if needed:
            _ADD.each(connection, needed)

    def drop(self, connection: Connection, owner: str) -> list[Media]:
        """`owner` needs nothing any more; the media that nobody needs now."""
        gone = connection.execute(
            delete(media_uses)
            .where(media_uses.c.owner == owner)
            .returning(media_uses.c.sha256, media_uses.c.type, media_uses.c.length)
        ).all()
        needed = self.needed(connection, [row.sha256 for row in gone])
        return [Media(*row) for row in gone if row.sha256 not in needed]

    def needed(self, connection: Connection, sha256s: Iterable[str]) -> set[str]:
        """Those that somebody needs."""
        wanted = list(sha256s)
        if not wanted:
            return set()
        found = connection.execute(
            select(media_uses.c.sha256).where(media_uses.c.sha256.in_(wanted)).distinct()
        )
        return set(found.scalars())
