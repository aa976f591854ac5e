"""Whether a contract takes a shot, and what is said where it does not.

`compat` (setting `MUTOSCOPE_COMPAT`) decides under vendors' names: *lenient* lets the engine do what it
can and says what the vendor's limit was, *strict* refuses as the vendor did. An engine's own name has
the engine's own limits, and these hold always.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, cast, get_args

import msgspec

from mutoscope.catalog.model import Contract, Feature
from mutoscope.catalog.rules import Set, Sizes, listed
from mutoscope.errors import BadShot, ContractRefused
from mutoscope.shot import Kind, Role, Shot

Compat = Literal["lenient", "strict"]

#: The type of a picture that is still at its address.
UNKNOWN = "image/unknown"


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the contract that the shot goes beyond; `message` is one sentence.

    `hard`: an engine that has this limit cannot make the shot; else what was asked is left undone."""

    code: Literal["outside_contract", "not_supported"]
    field: str
    message: str
    hard: bool = True


#: feature → (its field, what a shot that asks for it says, whether an engine without it must refuse)
ASKED: dict[Feature, tuple[str, str, bool]] = {
    "seed": ("seed", "takes no seed", False),
    "negative_prompt": ("negative_prompt", "takes no negative prompt", False),
    "loop": ("loop", "makes no loops", True),
    "sound": ("sound", "makes no sound", False),
    "tracks": ("tracks", "takes no files of sound", False),
    "strength": ("anchor.strength", "takes no strength for a picture", False),
    "crop": ("anchor.crop", "takes no crop of a picture", False),
    "regions": ("regions", "takes no marked regions", False),
    "direction": ("direction", "takes words only, no direction", False),
    "cast": ("cast", "has no characters", True),
}


def compat_setting(given: str | None = None) -> Compat:
    """`given`, or else `MUTOSCOPE_COMPAT`, or else "lenient". `BadShot` for another word."""
    word = given if given is not None else os.environ.get("MUTOSCOPE_COMPAT") or "lenient"
    for known in get_args(Compat):
        if word == known:
            return cast(Compat, known)
    field = "compat" if given is not None else "MUTOSCOPE_COMPAT"
    raise BadShot.of(field, word, '"lenient" or "strict"')


def check(shot: Shot, contract: Contract, compat: str | None = None) -> tuple[Limit, ...]:
    """The limits that the shot goes beyond and that need not stop it.

    `ContractRefused` where one must: any under a vendor's name in strict, with the vendor's own words
    where they are known; one that its engine cannot pass under an engine's name.
    """
    strict = compat_setting(compat) == "strict"
    passed: list[Limit] = []
    for limit in limits(shot, contract):
        if contract.native:
            if limit.hard:
                raise ContractRefused(limit.message, field=limit.field)
        elif strict:
            raise _in_vendors_words(limit, shot, contract)
        passed.append(limit)
    return tuple(passed)


def limits(shot: Shot, contract: Contract) -> Iterator[Limit]:
    """Every limit of the contract that the shot goes beyond, the plainest first."""
    name = contract.name
    if shot.kind not in contract.kinds:
        yield _beyond("kind", str(shot.kind), f"{name} can {listed(list(contract.kinds))}")
    # an edit is as long as its source, and whatever starts from a film has that film's rate
    own_length = shot.kind not in (Kind.EDIT, Kind.REFRAME)
    if own_length and not contract.seconds.allows(shot.seconds):
        near = contract.seconds.nearest(shot.seconds)
        takes = f"{name} takes {contract.seconds.words()} s; the nearest is {near:g}"
        yield _beyond("seconds", f"{shot.seconds:g}", takes)
    if contract.size and not contract.size.allows(shot.size):
        yield _beyond("size", str(shot.size), f"{name} takes {contract.size.words()}")
    for field in ("fps", "takes"):
        rule, value = getattr(contract, field), getattr(shot, field)
        if field == "fps" and shot.kind is not Kind.CREATE:
            continue
        if rule and not rule.allows(value):
            yield _beyond(field, f"{value:g}", f"{name} takes {rule.words()}")
    yield from _prompt(shot, contract)
    yield from _pictures(shot, contract)
    yield from _features(shot, contract)


def _prompt(shot: Shot, contract: Contract) -> Iterator[Limit]:
    if contract.prompt_limit is None:
        return
    utf16 = contract.prompt_unit == "utf16"
    length = len(shot.prompt.encode("utf-16-le")) // 2 if utf16 else len(shot.prompt)
    if length > contract.prompt_limit:
        takes = f"{contract.name} takes at most {contract.prompt_limit:,}"
        yield _beyond("prompt", f"{length:,} characters long", takes)


def _pictures(shot: Shot, contract: Contract) -> Iterator[Limit]:
    name, inputs = contract.name, contract.inputs
    pictures = [anchor for anchor in shot.anchors if not anchor.film]
    filmed = shot.kind is not Kind.CREATE and not pictures  # the source stands in for pictures
    # a cast brings its ground along where the engine can take that from it
    filmed = filmed or (not pictures and bool(shot.cast) and "cast_alone" in contract.features)
    if contract.images and not filmed and not contract.images.allows(len(pictures)):
        takes = f"{name} takes {contract.images.words()}"
        yield _outside("anchors", f"the shot has {_count(len(pictures), 'picture')}; {takes}")
    for role in Role:
        count = sum(anchor.role is role for anchor in shot.anchors)
        if count and role not in contract.roles:
            takes = f"{name} takes {listed(list(contract.roles))}"
            yield _outside("anchors", f"the shot has a {_ROLES[role]}; {takes}")
        elif count and 0 < contract.roles[role] < count:
            takes = f"{name} takes {contract.roles[role]} at most"
            yield _outside("anchors", f"the shot has {_count(count, _ROLES[role])}; {takes}")
    for anchor in pictures:
        kind, length = anchor.media.type, anchor.media.length
        if kind.startswith("image/") and kind not in (UNKNOWN, *inputs.types):
            yield _beyond("anchor.media", kind, f"{name} takes {listed(list(inputs.types))}")
        if inputs.max_bytes is not None and length > inputs.max_bytes:
            takes = f"{name} takes at most {inputs.max_bytes:,}"
            yield _beyond("anchor.media", f"{length:,} bytes long", takes)


def _features(shot: Shot, contract: Contract) -> Iterator[Limit]:
    asked: dict[Feature, bool] = {
        "seed": shot.seed != 0,
        "negative_prompt": bool(shot.negative_prompt),
        "loop": shot.loop,
        "sound": shot.sound,
        "tracks": bool(shot.tracks),
        "strength": any(anchor.strength != 1 for anchor in shot.anchors),
        "crop": any(anchor.crop is not None for anchor in shot.anchors),
        "regions": bool(shot.regions),
        "direction": shot.direction is not None,
        "cast": bool(shot.cast),
    }
    for feature, (field, lack, hard) in ASKED.items():
        if asked[feature] and feature not in contract.features:
            yield Limit(
                code="not_supported",
                field=field,
                message=f"{contract.name} {lack} ({field})",
                hard=hard,
            )
    if "cast" in contract.features and 0 < contract.cast < len(shot.cast):
        takes = f"{contract.name} takes at most {contract.cast} in one prompt"
        yield _beyond("cast", f"{len(shot.cast)} characters", takes)


_ROLES = {
    Role.REFERENCE: "reference picture",
    Role.FIRST_FRAME: "first_frame",
    Role.LAST_FRAME: "last_frame",
    Role.FRAME: "picture at a frame",
    Role.SOURCE: "source clip",
}


def _count(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'s' * (number != 1)}"


def _outside(field: str, message: str) -> Limit:
    return Limit(code="outside_contract", field=field, message=message)


def _beyond(field: str, value: str, takes: str) -> Limit:
    return _outside(field, f"{field} is {value}; {takes}")


def _in_vendors_words(limit: Limit, shot: Shot, contract: Contract) -> ContractRefused:
    text = contract.errors.get(limit.field)
    if text is None:
        return ContractRefused(limit.message, field=limit.field)
    rule = contract.seconds if limit.field == "seconds" else contract.size
    value = f"{shot.seconds:g}" if limit.field == "seconds" else str(shot.size)
    values = _quoted(rule) if isinstance(rule, Set | Sizes) else ""
    message = text.message.format(value=value, values=values)
    return ContractRefused(message, field=limit.field, code=text.code, hint=limit.message)


def _quoted(rule: Set | Sizes) -> str:
    """'4', '8', and '12': the values that the schema lists, as the vendor writes them."""
    words = [f"'{one}'" if isinstance(one, str) else f"'{one:g}'" for one in rule.values]
    if len(words) < 3:
        return " and ".join(words)
    return f"{', '.join(words[:-1])}, and {words[-1]}"
