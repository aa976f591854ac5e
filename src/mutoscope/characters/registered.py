"""Under which id an engine's account knows a character, found out once however many shots ask at a time.

`characters.registered` is JSON: an account's name → the character's id there; or, while somebody
registers it there, "?" and since when (0 where that was given up and may have come about).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, select, update

from mutoscope.storage.tables import characters

if TYPE_CHECKING:
    from mutoscope.storage.records import Records

_SINCE = "?"


@dataclass(frozen=True, slots=True)
class Claim:
    """`known`: the id there. Else whether whoever asked is to register it (`mine`), and whether an
    earlier try may have done so (`again`). `gone`: the character was deleted."""

    known: str = ""
    mine: bool = False
    again: bool = False
    gone: bool = False


class Registrations:
    """See the module. `id` is the character's here."""

    def __init__(self, records: Records) -> None:
        self.records = records

    async def claim(self, id: str, account: str, within: float) -> Claim:
        """The id, or who registers it; a claim that is older than `within` seconds was given up."""

        def write(connection: Connection) -> Claim:
            marks = _marks(connection, id)
            if marks is None:
                return Claim(gone=True)
            mark = marks.get(account, "")
            if mark and not mark.startswith(_SINCE):
                return Claim(known=mark)
            now = connection.execute(select(self.records.now(connection))).scalar_one()
            if mark and now - float(mark[1:]) < within:
                return Claim()
            _put(connection, id, marks | {account: f"{_SINCE}{now:.3f}"})
            return Claim(mine=True, again=bool(mark))

        return await self.records.write(write)

    async def keep(self, id: str, account: str, known: str) -> None:
        """It is registered."""
        await self._mark(id, account, known)

    async def release(self, id: str, account: str, *, lost: bool) -> None:
        """It is not registered; `lost`: that is not certain."""
        await self._mark(id, account, f"{_SINCE}0" if lost else "")

    async def forget(self, id: str, account: str, known: str) -> None:
        """The account does not know that id, unless another was remembered meanwhile."""
        await self._mark(id, account, "", only=known)

    async def _mark(self, id: str, account: str, mark: str, *, only: str | None = None) -> None:
        def write(connection: Connection) -> None:
            marks = _marks(connection, id)
            if marks is None or (only is not None and marks.get(account) != only):
                return
            rest = {name: one for name, one in marks.items() if name != account}
            _put(connection, id, rest | {account: mark} if mark else rest)

        await self.records.write(write)


def _marks(connection: Connection, id: str) -> dict[str, str] | None:
    """None where the character was deleted. On PostgreSQL its row stays locked until the commit."""
    of = select(characters.c.registered).where(characters.c.id == id).with_for_update()
    row = connection.execute(of).first()
    return None if row is None else _read(row.registered)


def _read(text: str | None) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}


def _put(connection: Connection, id: str, marks: dict[str, str]) -> None:
    text = msgspec.json.encode(marks).decode() if marks else None
    connection.execute(update(characters).where(characters.c.id == id).values(registered=text))
