"""Who moves: the camera, somebody in the picture, or (in an imperative) whoever is spoken to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

from mutoscope.direction.clauses import Clause
from mutoscope.direction.lexicon import BASE, FINITE, PARTICIPLE, families
from mutoscope.direction.phrases import Item

_REACH = 4  # items that a direction may stand away from a verb nobody is named for


#: "Camera movement: none"; elsewhere these words say nothing of the camera.
_NONE = ("none", "keine", "ingen", "无")


class Agent(Enum):
    NOBODY = "nobody"
    CAMERA = "camera"
    OTHER = "other"


class Sight(msgspec.Struct):
    """What is known before a clause is read: who moved last, and in the sentence before."""

    agent: Agent = Agent.NOBODY
    before: Agent = Agent.NOBODY
    named: bool = False  # somebody or something was named earlier in this sentence
    naming: bool = False  # and in this clause


def look(sight: Sight, clause: Clause) -> Sight:
    """The sight at the start of `clause`."""
    if clause.new_sentence or clause.join == "colon":
        sight = Sight(Agent.NOBODY, sight.agent)
    sight.named, sight.naming = sight.named or sight.naming, False
    if clause.section == "camera":
        sight.agent = Agent.CAMERA
    first = next((item for item in clause.items if _names(item)), None)
    noun = _noun(clause.items)
    if noun is not None:
        sight.agent = Agent.CAMERA
    elif first is not None and not _triggers(first):
        sight.naming = True
        before = clause.items.index(first)
        after = clause.items[before:]
        acts = any(item.motion or _form(item) == FINITE for item in after)
        if acts and not any(_triggers(item) for item in clause.items[:before]):
            sight.agent = Agent.OTHER
    elif clause.items and clause.items[0].name("camera") == "pronoun" and clause.new_sentence:
        sight.agent = sight.before
    return sight


def _names(item: Item) -> bool:
    """Somebody or something, or what only they can do."""
    return item.unknown or (bool(item.motion) and "weak" not in item.senses)


def _noun(items: Sequence[Item]) -> int | None:
    return next((at for at, item in enumerate(items) if item.name("camera") == "noun"), None)


def _triggers(item: Item) -> bool:
    return "sure" in item.senses or "verb" in item.senses


def _form(item: Item) -> int:
    sense = item.senses.get("verb") or item.senses.get("weak")
    return sense.form if sense else -1


def accepts(clause: Clause, at: int, sight: Sight, negated: bool) -> bool:
    """Whether the item at `at` moves the camera."""
    items = clause.items
    item = items[at]
    if not {"sure", "verb", "weak"} & set(item.senses):
        return False
    if "scene" in item.senses and not _of_camera(items, at):
        return False
    if item.words[0] in _NONE and len(item.words) == 1:
        return clause.section == "camera"
    if "sure" in item.senses:
        return _sure(items, at, sight)
    here = _agent(items, at, sight)
    if _possessed(items, at):
        return False
    if "verb" in item.senses:
        return _verb(items, at, here, sight, negated)
    return _weak(items, at, here, sight, negated)


def _of_camera(items: Sequence[Item], at: int) -> bool:
    """A verb that is a thing elsewhere, right after the camera: "the camera slowly trucks right"."""
    if _form(items[at]) != FINITE:
        return False
    before = at - 1
    while before >= 0 and items[before].name("speed"):
        before -= 1
    return before >= 0 and items[before].name("camera") == "noun"


def _sure(items: Sequence[Item], at: int, sight: Sight) -> bool:
    item = items[at]
    name = item.name("sure")
    if name == "static" and len(item.words) == 1 and item.words[0] != "tripod":
        named = any(one.unknown for one in items[:at])
        return not named or _noun(items) is not None
    if name == "travel":
        return any(one.name("direction") for one in items)
    if name.startswith("truck.") and item.words[0] >= "㐀":
        return _agent(items, at, sight) is not Agent.OTHER  # 船向左移动: a boat does
    return True


def _agent(items: Sequence[Item], at: int, sight: Sight) -> Agent:
    """Who is named before the verb in its clause; or, with nobody there, right after it
    ("fährt die Kamera", "move the camera")."""
    strangers = any(item.unknown for item in items[:at])
    for item in items[at + 1 : at + 5]:
        if strangers or item.unknown:
            break
        if item.name("camera") == "noun":
            return Agent.CAMERA
    for place in range(at - 1, -1, -1):
        if items[place].name("camera") == "noun":
            return Agent.CAMERA
    if strangers:
        return Agent.OTHER
    return Agent.NOBODY if sight.agent is Agent.NOBODY else sight.agent


def _possessed(items: Sequence[Item], at: int) -> bool:
    """ "tilts her head": what follows belongs to somebody."""
    family = (items[at].name("verb") or items[at].name("weak")).partition(".")[0]
    following = items[at + 1] if at + 1 < len(items) else None
    return (
        family in ("tilt", "roll", "turn", "static", "pedestal", "travel")
        and following is not None
        and "possessive" in following.senses
    )


def _side(items: Sequence[Item], at: int, family: str, reach: int = _REACH) -> bool:
    """A direction of the family near the verb, with no stranger between them."""
    table = families()[family]
    for step in (1, -1):
        place = at + step
        while 0 <= place < len(items) and abs(place - at) <= reach:
            if items[place].name("direction") in table:
                return True
            if items[place].unknown or items[place].motion:
                break
            place += step
    return False


def _verb(items: Sequence[Item], at: int, here: Agent, sight: Sight, negated: bool) -> bool:
    item = items[at]
    sense = item.senses["verb"]
    family, _, own = sense.name.partition(".")
    if here is Agent.CAMERA:
        return True
    side = bool(own) or _side(items, at, family)
    near = _side(items, at, family, 2)
    strangers = any(one.unknown for one in items[:at])
    if here is Agent.OTHER:
        if strangers and at and "article" in items[at - 1].senses:
            return False
        if sense.form == BASE:
            return near and not own and family in ("pan", "tilt", "zoom", "dolly", "orbit")
        return sense.form == PARTICIPLE and near and strangers and family in ("pan", "zoom")
    following = items[at + 1] if at + 1 < len(items) else None
    thing = following is not None and (following.unknown or "article" in following.senses)
    if sense.form == BASE and at and "article" in items[at - 1].senses and following and not near:
        return family == "zoom"  # "a dolly full of boxes", but "a zoom on the door"
    if negated and sense.form != FINITE:
        return True
    if sense.form == FINITE:
        return family in ("pan", "tilt", "zoom") and side
    if sense.form == PARTICIPLE:
        if sight.named and family not in ("pan", "zoom", "tilt", "truck", "orbit"):
            return False
        stranger = following is not None and following.unknown
        return side and not stranger if family not in ("zoom", "orbit", "truck") else not stranger
    return _imperative(items, at, family, own=bool(own), side=side, thing=thing)


def _imperative(
    items: Sequence[Item], at: int, family: str, *, own: bool, side: bool, thing: bool
) -> bool:
    """A verb's base form with nobody before it."""
    if family == "static":
        timed = any(item.name("time") == "seconds" for item in items)
        return timed or not thing
    if family in ("zoom", "orbit"):
        return True
    if family == "truck":
        # "track the car" and "follow the car" are orders; "truck" alone is a thing
        return side or items[at].words[0] != "truck"
    if family in ("pan", "tilt"):
        following = items[at + 1] if at + 1 < len(items) else None
        return side or (following is None or not following.unknown)
    if own:
        return family == "dolly" or not thing
    if family == "dolly":
        following = items[at + 1] if at + 1 < len(items) else None
        return side or following is None or "filler" in following.senses
    return side


def _weak(items: Sequence[Item], at: int, here: Agent, sight: Sight, negated: bool) -> bool:
    sense = items[at].senses["weak"]
    family = sense.name
    if here is Agent.CAMERA:
        noun = max((p for p in range(at) if items[p].name("camera") == "noun"), default=-1)
        if any(item.unknown for item in items[noun + 1 : at]):
            return False
        return negated or any(item.name("direction") in families()[family] for item in items)
    if here is Agent.OTHER or sight.named or sense.form == FINITE:
        return False
    return _side(items, at, family, 3 if sense.form == BASE else 2)
