"""Licences that ask for a consent: whether it was given, and to which words."""

from __future__ import annotations

import hashlib

import msgspec

from mutoscope.catalog.checkpoint import Licence
from mutoscope.errors import CannotWrite
from mutoscope.models import places, record
from mutoscope.models.pieces import Piece


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """`conditions` is the digest of all that was shown: other words ask again."""

    licence: str
    conditions: str
    when: str


def digest(licence: Licence) -> str:
    """Of all that the licence demands; where it was read is no part of that."""
    said = (licence.name, licence.page, licence.conditions, licence.mark, licence.regions_excluded)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def accepted(piece: Piece) -> Accepted | None:
    """What was accepted for it, though it may have been other words than today's."""
    return _read().get(piece.key)


def lacking(piece: Piece) -> str:
    """ "" where it may be used; else why not, and the mend."""
    if not piece.licence.consent:
        return ""
    given = accepted(piece)
    if given is not None and given.conditions == digest(piece.licence):
        return ""
    changed = "changed since it was accepted" if given else "asks for your consent first"
    return (
        f"the licence of {piece.words}, {piece.licence.name}, {changed}; read and accept it with "
        f"`mutoscope models accept {piece.verb}`"
    )


def accept(piece: Piece) -> Accepted:
    """Record the consent to the licence as the catalogue has it now. Raises CannotWrite."""
    given = Accepted(
        licence=piece.licence.name, conditions=digest(piece.licence), when=record.now()
    )
    try:
        record.write(places.accepted(), _read() | {piece.key: given})
    except OSError as error:
        raise CannotWrite(
            f"{places.accepted()} cannot be written: {error.strerror or error}; MUTOSCOPE_MODELS names "
            "another folder"
        ) from None
    return given


def _read() -> dict[str, Accepted]:
    try:
        return msgspec.json.decode(places.accepted().read_bytes(), type=dict[str, Accepted])
    except (OSError, msgspec.MsgspecError):
        return {}
