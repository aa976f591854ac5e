"""The characters of an order in the forms that a server takes, and what is told of each. Pure.

========== ==========================================================================================
native     its id at the server, and its name (or @id) in the prompt
references its reference pictures
clip       the film that it was made from, with its strength
words      its description, once, beside its name in the prompt
========== ==========================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutoscope.characters.names import mention
from mutoscope.engines.base import CastMember, Instruction, Order
from mutoscope.engines.openai_videos.quirks import Form, Quirks

#: Pictures of one character that are sent.
MOST_PICTURES = 3


@dataclass(slots=True)
class Sent:
    """What the cast adds to a request: `files` are (field, file)."""

    prompt: str
    fields: dict[str, Any] = field(default_factory=dict)
    files: list[tuple[str, Path]] = field(default_factory=list)
    said: list[Instruction] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where there is room for a form: `begun`, a first frame goes along; `clip`, a film to go by does."""

    quirks: Quirks
    begun: bool
    clip: bool


def sent(order: Order, quirks: Quirks, *, begun: bool, clip: bool) -> Sent:
    """The order's cast and its prompt for a server. `begun`: a first frame is sent with it; `clip`: a
    film to go by is."""
    made = Sent(order.shot.prompt)
    for name, member in order.cast.items():
        way = _Way(quirks, begun, clip or quirks.reference_clip in dict(made.files))
        form, lacks = _form(member, way, made)
        _FORMS[form](made, mention(name), member, quirks, lacks)
    return made


def _form(member: CastMember, way: _Way, made: Sent) -> tuple[Form | None, str]:
    """The best form that this character can have there, and why not a better one."""
    lacks = ""
    for form in way.quirks.characters:
        lack = _LACKS[form](member, way, made)
        if not lack:
            return form, lacks
        lacks = lacks or lack
    return None, lacks or "this engine takes no characters"


def _lacks_id(member: CastMember, way: _Way, made: Sent) -> str:
    most = way.quirks.most_native
    if not member.registered:
        return member.unregistered or "it is not registered there"
    if most and len(made.fields.get("characters", ())) >= most:
        return f"it takes {most} registered characters in one prompt"
    return ""


def _lacks_pictures(member: CastMember, way: _Way, made: Sent) -> str:
    if not way.quirks.references or not member.pictures:
        return "there are no reference pictures of it" if way.quirks.references else "it takes none"
    if way.begun and way.quirks.references_alone:
        return "it takes no reference pictures beside a first frame"
    return ""


def _lacks_clip(member: CastMember, way: _Way, made: Sent) -> str:
    if member.clip is None:
        return "there is no clip of it"
    if way.begun and way.quirks.references_alone:
        return "it takes no clip beside a first frame"
    return "it takes one clip to go by" if way.clip else ""


def _lacks_words(member: CastMember, way: _Way, made: Sent) -> str:
    return "" if member.description.strip() else "it has no description that words could give"


_LACKS: dict[Form, Callable[[CastMember, _Way, Sent], str]] = {
    "native": _lacks_id,
    "references": _lacks_pictures,
    "clip": _lacks_clip,
    "words": _lacks_words,
}


def _native(made: Sent, said: str, member: CastMember, quirks: Quirks, lacks: str) -> None:
    by_id = quirks.mention == "id"
    made.prompt, found = _named(
        made.prompt, said, f"@{member.registered}" if by_id else member.name
    )
    if not found and not by_id:
        made.prompt = _with(made.prompt, member.name)
    if not found or not by_id:
        made.fields.setdefault("characters", []).append({"id": member.registered})
    _told(made, said, "done", f"sent as its id there, {member.registered}")
    _strength(made, said, member, "")


def _references(made: Sent, said: str, member: CastMember, quirks: Quirks, lacks: str) -> None:
    pictures = member.pictures[:MOST_PICTURES]
    made.files += [(quirks.references, one) for one in pictures]
    _spoken(made, said, member.name)
    count = len(pictures)
    how = (
        "1 reference picture of it was" if count == 1 else f"{count} reference pictures of it were"
    )
    _told(made, said, "approximated", f"{how} sent", lacks)
    _strength(made, said, member, "")


def _clip(made: Sent, said: str, member: CastMember, quirks: Quirks, lacks: str) -> None:
    assert member.clip is not None
    made.files.append((quirks.reference_clip, member.clip))
    if quirks.strength and member.strength < 1.0:
        made.fields[quirks.strength] = member.strength
    _spoken(made, said, member.name)
    much = f", with a strength of {member.strength:g}" if quirks.strength else ""
    _told(made, said, "approximated", f"its clip was sent to go by{much}", lacks)
    _strength(made, said, member, quirks.strength)


def _words(made: Sent, said: str, member: CastMember, quirks: Quirks, lacks: str) -> None:
    described = f"{member.name} ({' '.join(member.description.split())})"
    made.prompt, found = _named(made.prompt, said, member.name, first=described)
    if not found:
        made.prompt = _with(made.prompt, described)
    _told(made, said, "approximated", "its description was written into the prompt", lacks)
    _strength(made, said, member, "")


def _none(made: Sent, said: str, member: CastMember, quirks: Quirks, lacks: str) -> None:
    _spoken(made, said, member.name)
    _told(made, said, "not_possible", "its name alone was sent", lacks)


_FORMS: dict[Form | None, Callable[[Sent, str, CastMember, Quirks, str], None]] = {
    "native": _native,
    "references": _references,
    "clip": _clip,
    "words": _words,
    None: _none,
}


def _spoken(made: Sent, said: str, name: str) -> None:
    """The prompt names the character by its own name."""
    made.prompt, found = _named(made.prompt, said, name)
    if not found:
        made.prompt = _with(made.prompt, name)


def _named(prompt: str, said: str, name: str, first: str = "") -> tuple[str, bool]:
    """The prompt with `name` in place of every mention, `first` in place of the first one."""
    pattern = re.compile(re.escape(said) + r"(?!\w)")
    if not pattern.search(prompt):
        return prompt, False
    if first:
        prompt = pattern.sub(lambda _: first, prompt, count=1)
    return pattern.sub(lambda _: name, prompt), True


def _with(prompt: str, who: str) -> str:
    """The prompt, and who else is in the picture."""
    plain = prompt.rstrip()
    stop = "" if not plain or plain[-1] in ".!?。！？" else "."
    return f"{plain}{stop} With {who}.".strip()


def _told(made: Sent, said: str, outcome: Any, how: str, lacks: str = "") -> None:
    made.said.append(Instruction(said, outcome, f"{how}: {lacks}" if lacks else how))


def _strength(made: Sent, said: str, member: CastMember, taken: str) -> None:
    if member.strength < 1.0 and not taken:
        how = "the form in which this engine takes the character has no strength"
        made.said.append(Instruction(f"{said} strength {member.strength:g}", "not_possible", how))
