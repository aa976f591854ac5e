"""Characters in a prompt: found before anything else reads it, so that `@roller_pan` is nobody's pan.

============================ =====================================================================
`@roller_pan`, `@Roller Pan`   the name after an @, in any case, blanks as they are or as `_` or `-`
`@char_…`, `char_…`            the id
`Roller Pan`                   the name as it is given, the longest first, at word boundaries
============================ =====================================================================

A name without @ is read in the given case; in any case where it has more than one word, or where the
request names that character besides. A name that a camera move is called by ("Pan") needs the @, the id
or the request's own list, since without them "pan left" is a pan.

What stands in quotation marks is shown or spoken, not meant: there a bare name is a word, and so is an @
that nobody has. An @ or id of somebody's counts there too, since it was written on purpose. A prompt that
is in quotation marks as a whole is read as if it were not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mutoscope.direction.parse import direct

#: Scripts that set no blanks between words, or hang particles on a name.
_JOINED = "㐀-䶿一-鿿぀-ヿ가-힣"
_HAN = re.compile(f"[{_JOINED}]")
#: A name in other letters begins and ends beside those as beside a blank: "@Ada站在左边".
_BEGINS, _ENDS = rf"(?<![^\W{_JOINED}])(?<!@)", rf"(?![^\W{_JOINED}])"
_ID = re.compile(r"(?<![\w@])@?(char_[0-9A-Za-z]{1,75})(?!\w)", re.ASCII)
#: Before an @ that names somebody: none of what stands before one in an address of mail.
_FREE = r"(?<![0-9A-Za-z_@.])"
_AT = re.compile(rf"{_FREE}@(\w[\w-]*)")
#: What is written with an @ and is nobody's name: "@24fps", "@f/2.8", "@iso800", another service's "@Image1".
_FIGURE = re.compile(
    r"@(?:\d|f/?\d|f$|iso_?\d|(?:image|img|video|audio|ref|reference)_?\d+$)", re.I
)
#: Quoted text, within a line; an apostrophe inside a word opens and closes nothing.
_QUOTED = re.compile(
    r"(?<!\w)\"[^\"\n]{0,1000}\"|“[^“”\n]{0,1000}”|„[^„“”\n]{0,1000}[“”]|«[^«»\n]{0,1000}»|»[^«»\n]{0,1000}«"
    r"|「[^「」\n]{0,1000}」|『[^『』\n]{0,1000}』|‘[^‘\n]{0,1000}?’(?!\w)"
    r"|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){0,1000}'(?!\w)"
)
_GAP = r"[\s_-]+"
#: The @ of Chinese and Japanese keyboards.
WIDE_AT = "＠"
_WORD = re.compile(r"\w")


class Named(Protocol):
    """What of a character is needed here."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Member:
    """A character of a shot. `name` is its own within the shot, what `Shot.cast` and `Order.cast` call
    it; `mention` is how the prompt names it: `@Roller_Pan`."""

    id: str
    name: str

    @property
    def mention(self) -> str:
        return mention(self.name)


@dataclass(frozen=True, slots=True)
class Found:
    """`members` in the order of the request's list, then of the prompt; `prompt` with every one of them
    as its mention; `unknown`: the @names that are nobody's."""

    members: tuple[Member, ...]
    prompt: str
    unknown: tuple[str, ...] = ()


def mention(name: str) -> str:
    """A name as one word that the direction parser takes for somebody: `@Roller_Pan`."""
    return "@" + re.sub(r"\W+", "_", unicodedata.normalize("NFC", name)).strip("_")


def find(prompt: str, known: Sequence[Named], listed: Iterable[Named] = ()) -> Found:
    """The characters of `known` (of two with one name, the first is meant) that a prompt names, and those
    that the request lists besides."""
    asked = {one.id: one for one in listed}
    text = unicodedata.normalize("NFC", prompt).replace(WIDE_AT, "@")
    spans: list[tuple[int, int, Named]] = []
    by_id = {one.id: one for one in (*known, *asked.values())}
    for match in _ID.finditer(text):
        if match[1] in by_id:
            _take(spans, match.start(), match.end(), by_id[match[1]])
    quoted = _quoted(text)
    lower = text.lower()
    spoken = [
        one
        for one in _several((*asked.values(), *known))
        if (_words(one.name) or [one.name])[0].lower() in lower
    ]
    for one in sorted(spoken, key=lambda one: -len(one.name)):
        at, bare = _patterns(one.name, sure=one.id in asked)
        for match in at.finditer(text):
            _take(spans, match.start(), match.end(), one)
        for match in bare.finditer(text) if bare is not None else ():
            if not _within(match.start(), quoted):
                _take(spans, match.start(), match.end(), one)
    spans.sort(key=lambda span: span[0])
    members = _members([*asked.values(), *(one for _, _, one in spans)])
    return Found(
        members=tuple(members.values()),
        prompt=_rewritten(text, [(start, end, members[one.id]) for start, end, one in spans]),
        unknown=_unknown(text, spans, quoted),
    )


def _several(known: Iterable[Named]) -> list[Named]:
    """One for each name, the first that has it."""
    found: dict[str, Named] = {}
    for one in known:
        found.setdefault(one.name.casefold(), one)
    return list(found.values())


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name) if word]


def _patterns(name: str, *, sure: bool) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """How a name may stand in a prompt: after an @, and bare where that may be."""
    words = [re.escape(word) for word in _words(name)]
    joined = _GAP.join(words) if words else re.escape(name)
    before = "" if _HAN.match(name[0]) else _BEGINS
    after = "" if _HAN.match(name[-1]) else _ENDS
    at = re.compile(rf"{_FREE}@{joined}{after}", re.IGNORECASE)
    if not sure and len(words) < 2 and is_direction(name):
        return at, None
    bare = before + r"\s+".join(map(re.escape, name.split())) + after
    if sure or len(words) > 1:
        return at, re.compile(bare, re.IGNORECASE)
    first = re.escape(name[0])
    spelled = before + f"[{first}{re.escape(name[0].upper())}]" + re.escape(name[1:]) + after
    return at, re.compile(spelled)


def is_direction(name: str) -> bool:
    """Whether a prompt's parser would take a name for a camera move."""
    return any(direct(text, 4.0).camera for text in (name, f"{name} left", f"{name} in"))


def _take(spans: list[tuple[int, int, Named]], start: int, end: int, one: Named) -> None:
    """A place is whose it was found to be first: ids, then the longest name."""
    if all(end <= taken or start >= until for taken, until, _ in spans):
        spans.append((start, end, one))


def _members(found: Iterable[Named]) -> dict[str, Member]:
    """By id; of two with one name, the second is told apart by its place."""
    members: dict[str, Member] = {}
    for one in found:
        if one.id in members:
            continue
        name, count = one.name, 1
        while any(mention(member.name) == mention(name) for member in members.values()):
            count += 1
            name = f"{one.name} {count}"
        members[one.id] = Member(one.id, name)
    return members


def _rewritten(text: str, spans: Sequence[tuple[int, int, Member]]) -> str:
    """A mention is one word, also where the script sets no blanks between words."""
    parts: list[str] = []
    at = 0
    for start, end, member in spans:
        parts += [text[at:start], " " if _WORD.match(text[start - 1 : start]) else ""]
        parts += [member.mention, " " if _WORD.match(text[end : end + 1]) else ""]
        at = end
    return "".join((*parts, text[at:]))


def _quoted(text: str) -> list[tuple[int, int]]:
    """From where to where the text is in quotation marks, unless it is as a whole."""
    whole = text.strip()
    spans = [match.span() for match in _QUOTED.finditer(text)]
    return [(start, end) for start, end in spans if text[start:end] != whole]


def _within(place: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _unknown(
    text: str, spans: Sequence[tuple[int, int, Named]], quoted: Sequence[tuple[int, int]]
) -> tuple[str, ...]:
    known = [(start, end) for start, end, _ in spans]
    found = [
        match[0]
        for match in _AT.finditer(text)
        if not _within(match.start(), known)
        and not _within(match.start(), quoted)
        and text[match.start() - 1 : match.start()] != "/"  # an address: "site.example/@somebody"
        and not _FIGURE.match(match[0])
    ]
    return tuple(dict.fromkeys(found))[:16]
