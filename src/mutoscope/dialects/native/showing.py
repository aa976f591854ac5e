"""A character as the house's own API shows it."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.characters.consent import Consent
from mutoscope.characters.model import Character, Frame
from mutoscope.characters.names import mention
from mutoscope.characters.showing import origin_shown, standing
from mutoscope.dialects.shared.answers import Signer
from mutoscope.jobs.job import Notice, Problem
from mutoscope.server.errors import Refusal

PATH = "/mutoscope/characters"


class FrameShown(msgspec.Struct, frozen=True, kw_only=True):
    """A reference frame: `at` in seconds, of pictures which one, from 0; `box` in fractions, scores 0..1.
    `picture` and `cutout` are links that open without a key until they expire."""

    n: int
    at: float
    box: tuple[float, float, float, float]
    cut: tuple[str, ...]
    sharpness: float
    exposure: float
    whole: float
    steady: float
    score: float
    faces: int | None
    picture: str
    cutout: str


class CharacterShown(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds since 1970. `faces`: whether a frame shows any, null where nobody could look."""

    id: str
    object: str = "character"
    name: str
    mention: str
    description: str
    status: str
    created_at: int
    updated_at: int | None
    faces: bool | None
    consent: Consent | None
    origin: dict[str, Any]
    registered: dict[str, str]
    frames: tuple[FrameShown, ...]
    warnings: tuple[Notice, ...]
    error: Problem | UnsetType = UNSET


def shown(one: Character, sign: Signer) -> CharacterShown:
    """The character as values, its links signed."""
    return CharacterShown(
        id=one.id,
        name=one.name,
        mention=mention(one.name),
        description=one.description,
        status=one.status,
        created_at=int(one.created),
        updated_at=None if one.updated is None else int(one.updated),
        faces=one.faces,
        consent=one.consent,
        origin=origin_shown(one.origin),
        registered={name: id for name, id in one.registered.items() if not id.startswith("?")},
        frames=tuple(_frame(one.id, n, frame, sign) for n, frame in enumerate(one.frames)),
        warnings=standing(one, time.time()),
        error=one.error or UNSET,
    )


def _frame(id: str, n: int, frame: Frame, sign: Signer) -> FrameShown:
    path = f"{PATH}/{id}/frames/{n}"
    return FrameShown(
        n=n,
        at=frame.at,
        box=frame.box,
        cut=frame.cut,
        sharpness=frame.sharpness,
        exposure=frame.exposure,
        whole=frame.whole,
        steady=frame.steady,
        score=frame.score,
        faces=frame.faces,
        picture=sign(path),
        cutout=sign(f"{path}/cutout"),
    )


def no_character(id: str) -> Refusal:
    return Refusal(f"Character with id '{id[:80]}' not found.", status=404, code="not_found")
