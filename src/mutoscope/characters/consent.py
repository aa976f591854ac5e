"""Consent: a real person lets a character be made of them, for some uses and for some time."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice

#: What a consent may be given for, and what each means.
USES = {
    "local": "films made by this server's own engines",
    "elsewhere": "its pictures are handed to engines elsewhere",
    "export": "it is passed on as a file",
    "any": "all of these",
}
Use = Literal["local", "elsewhere", "export"]
Policy = Literal["warn", "refuse", "allow"]
MAX_PERSON, MAX_NOTE = 200, 4000  # characters
_REQUIRED = ("person", "given_by", "at", "uses")
_KNOWN = (*_REQUIRED, "until", "note")


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """`person` is shown; `given_by` gave the consent, the person or who may speak for them; `at` and
    `until` are days or times (ISO 8601), a day of `until` to its end, UTC; `uses` of USES."""

    person: str
    given_by: str
    at: str
    uses: tuple[str, ...]
    until: str = ""
    note: str = ""

    def over(self, now: float) -> bool:
        """Whether it has ended, at `now` in seconds since 1970."""
        return bool(self.until) and moment(self.until, end=True) < now

    def covers(self, use: str) -> bool:
        return "any" in self.uses or use in self.uses


def read(value: object, field: str = "consent") -> Consent:
    """A consent record as it was sent. BadInput names what is missing or wrong in it."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            raise BadShot.of(field, value, "a JSON object") from None
    if not isinstance(value, Mapping):
        raise BadShot.of(field, value, "an object with person, given_by, at and uses")
    for name in value:
        if name not in _KNOWN:
            near = difflib.get_close_matches(str(name)[:40], _KNOWN, n=1)
            mend = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(_KNOWN)}"
            raise BadInput(
                f"{field} has no field {str(name)[:40]!r}{mend}",
                field=f"{field}.{str(name)[:40]}",
                code="unknown_parameter",
            )
    for name in _REQUIRED:
        if value.get(name) in (None, "", []):
            raise BadInput(
                f"Missing required parameter: '{field}.{name}'.",
                field=f"{field}.{name}",
                code="missing_required_parameter",
                hint="a consent says who is shown, who gave it, when, and for what uses: "
                f"{', '.join(USES)}",
            )
    return Consent(
        person=_words(f"{field}.person", value["person"], MAX_PERSON),
        given_by=_words(f"{field}.given_by", value["given_by"], MAX_PERSON),
        at=_moment(f"{field}.at", value["at"]),
        uses=_uses(f"{field}.uses", value["uses"]),
        until=_moment(f"{field}.until", value["until"]) if value.get("until") else "",
        note=_words(f"{field}.note", value["note"], MAX_NOTE) if value.get("note") else "",
    )


def told(
    name: str, faces: bool | None, consent: Consent | None, use: Use, now: float
) -> Notice | None:
    """What stands against that use of a character; None where nothing does. `faces`: whether its frames
    show any (None: nobody looked)."""
    if consent is None:
        if not faces:
            return None
        return Notice(
            code="no_consent",
            field="cast",
            message=f"character '{name}' shows a face and has no consent record; where that is a real "
            "person, record who agreed, when, and to what",
        )
    if consent.over(now):
        return Notice(
            code="consent_expired",
            field="cast",
            message=f"the consent for character '{name}' ended with {consent.until}",
        )
    if not consent.covers(use):
        return Notice(
            code="consent_use",
            field="cast",
            message=f"the consent for character '{name}' is for {' and '.join(consent.uses)}, "
            f"not for {use}: {USES[use]}",
        )
    return None


def permitted(notice: Notice | None, policy: Policy, *, strict: bool) -> tuple[Notice, ...]:
    """What is said of a use under the owner's policy; `strict` is a vendor's name in compat=strict.
    Raises BadInput (code moderation_blocked) where the policy does not allow it."""
    if notice is None or policy == "allow":
        return ()
    if policy == "warn" and not strict:
        return (notice,)
    raise BadInput(
        f"This server's policy on real people does not allow it: {notice.message}.",
        field=notice.field,
        code="moderation_blocked",
        hint="PATCH /mutoscope/characters/{id} records a consent; characters.faces in the server's "
        "settings is the policy",
    )


def moment(text: str, *, end: bool = False) -> float:
    """A day or time → seconds since 1970, UTC where it names no zone; `end`: a day's end. ValueError."""
    when = datetime.datetime.fromisoformat(text)
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.UTC)
    if end and len(text) <= len("2026-01-31"):
        when += datetime.timedelta(days=1)
    return when.timestamp()


def _words(field: str, value: object, most: int) -> str:
    if not isinstance(value, str):
        raise BadShot.of(field, value, "text")
    said = value.strip()
    if not 1 <= len(said) <= most or not said.replace("\n", " ").isprintable():
        raise BadShot.of(field, value, f"1 to {most:,} characters that can be printed")
    return said


def _moment(field: str, value: object) -> str:
    if isinstance(value, str):
        try:
            moment(value.strip(), end=True)
            return value.strip()
        except (ValueError, OverflowError):
            pass
    raise BadShot.of(
        field, value, "a day such as 2026-11-30, or a time such as 2026-11-30T18:00:00Z"
    )


def _uses(field: str, value: Any) -> tuple[str, ...]:
    given = [one.strip() for one in value.split(",")] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not given:
        raise BadShot.of(field, value, f"a list of {', '.join(USES)}")
    for one in given:
        if one not in USES:
            raise BadShot.of(
                field, one, f"one of {', '.join(USES)}", "other terms go into the note"
            )
    return tuple(dict.fromkeys(given))
