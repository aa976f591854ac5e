"""Reads a prompt: words in, a Direction out.

text → tokens → items (phrases of the lexicons) → clauses → camera, motion, asides → timeline
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mutoscope.direction.asides import Asides, read_asides
from mutoscope.direction.camera import read_camera
from mutoscope.direction.clauses import Clause, clauses
from mutoscope.direction.edits import read_edits
from mutoscope.direction.found import Found, Reading
from mutoscope.direction.lexicon import families
from mutoscope.direction.model import EDITS, MOVES, Advice, Direction, Motion, MoveName
from mutoscope.direction.motion import read_motion
from mutoscope.direction.phrases import items, languages_of
from mutoscope.direction.timeline import asked_length, lay
from mutoscope.direction.tokens import tokens
from mutoscope.errors import BadShot

SECONDS = 4.0  # of a clip whose length nobody names
MOST_SECONDS = 3600.0
MOST_UNREAD = 32


def direct(prompt: str, seconds: float | None = None, *, film: bool = False) -> Direction:
    """Reads `prompt` for a clip of `seconds`; None: the length it names, what its beats add up to, or 4.

    `film`: there is a film that the prompt speaks of, so that edits ("warmer", "half speed") are read.
    Without camera words `camera` is empty and the engine chooses; an explicitly still camera is one
    `static`. A side that is not named is the right one, and the advice says so. Never fails on any
    text; BadShot where `seconds` is not between 0 and 3600. Time and memory grow with the text's length.
    """
    if seconds is not None and not (math.isfinite(seconds) and 0 < seconds <= MOST_SECONDS):
        raise BadShot.of("seconds", seconds, f"a number above 0 and up to {MOST_SECONDS:g}")
    read = tokens(prompt)
    languages = languages_of(read, film=film)
    held = clauses(items(read, languages, film=film))
    changed = read_edits(held, prompt, film=film)
    held = changed.clauses
    reading = read_camera(held, prompt, languages)
    asides = read_asides(held, prompt)
    motion, moved = read_motion(held, prompt, reading.taken)
    _follow(reading.found, motion)
    length = seconds or _length(reading)
    camera, laid = lay(reading.found, length)
    unread = _unread(held, prompt, reading, asides, moved | changed.read, languages, film=film)
    advice = (
        *_on_length(reading.clip, seconds),
        *laid,
        *_on_sides(reading.found),
        *_on_amounts(reading),
        *_on_refused((*reading.refused, *changed.refused)),
        *_on_words(asides, unread, languages),
    )
    return Direction(
        seconds=length,
        camera=camera,
        motion=tuple(motion),
        sound=tuple(asides.sound),
        keep=tuple(asides.keep),
        lens=asides.lens,
        style=asides.style,
        first_frame=asides.first_frame,
        loop=asides.loop,
        edits=tuple(changed.edits),
        refused=_moves(reading.refused),
        languages=languages,
        advice=advice,
        unread=unread,
    )


def _moves(refused: Sequence[str]) -> tuple[MoveName, ...]:
    return tuple(dict.fromkeys(move for move in MOVES if move in refused))


def _follow(found: Sequence[Found], motion: Sequence[Motion]) -> None:
    """A camera that follows somebody goes where they go: "the train moves left, the camera follows"."""
    way = next((one.direction for one in motion if one.direction in ("left", "right")), "")
    for one in found:
        if way and one.family == "truck" and one.defaulted:
            one.moves, one.side, one.defaulted = (families()["truck"][way],), way, False


def _length(reading: Reading) -> float:
    length = reading.clip or asked_length(reading.found) or SECONDS
    return min(max(length, 0.5), MOST_SECONDS)


def _on_length(clip: float | None, seconds: float | None) -> list[Advice]:
    if clip is None or seconds is None or abs(clip - seconds) < 0.05:
        return []
    message = f"The prompt speaks of {clip:g} s and the clip has {seconds:g} s; the clip keeps its {seconds:g} s."
    return [Advice(code="length", message=message)]


def _on_sides(found: Sequence[Found]) -> list[Advice]:
    advice: list[Advice] = []
    for one in found:
        if one.defaulted and not any(held.words == one.words for held in advice):
            chosen = " and ".join(move.replace("_", " ") for move in one.moves)
            message = f"“{one.words}” names no side: it was taken as {chosen}."
            advice.append(Advice(code="side", message=message, words=one.words))
    return advice[:8]


def _on_amounts(reading: Reading) -> list[Advice]:
    return [
        Advice(
            code="amount",
            message=f"{amount.value:g} {amount.unit} does not fit “{words}”: "
            "turns take degrees, the others percent or “1.5x”.",
            words=words,
        )
        for amount, words in reading.loose[:8]
    ]


def _on_refused(refused: Sequence[str]) -> list[Advice]:
    names = sorted({_plainly(move) for move in refused})
    if not names:
        return []
    message = f"Asked not to happen, and left out: {', '.join(names)}."
    return [Advice(code="left_out", message=message)]


def _plainly(name: str) -> str:
    return name.replace("_", " ") if name in EDITS else name.partition("_")[0]


def _on_words(asides: Asides, unread: Sequence[str], languages: tuple[str, ...]) -> list[Advice]:
    advice: list[Advice] = []
    if asides.vague:
        message = f"“{asides.vague}” says that something should move, but not what: name a camera move or a motion."
        advice.append(Advice(code="vague", message=message, words=asides.vague))
    if unread and not languages:
        message = "No word of English, German, Danish or Chinese was found; nothing was read."
        advice.append(Advice(code="language", message=message))
    return advice


def _unread(
    held: Sequence[Clause],
    text: str,
    reading: Reading,
    asides: Asides,
    moved: set[int],
    languages: tuple[str, ...],
    *,
    film: bool,
) -> tuple[str, ...]:
    """The clauses that ask for something and gave nothing. A description of the scene asks nothing,
    unless there is a `film` already: then it asks for what that does not show."""
    done = reading.read | asides.read | moved
    found: list[str] = []
    for number, clause in enumerate(held):
        if number in done or len(found) >= MOST_UNREAD:
            continue
        words = text[slice(*clause.span)].strip()
        asks = film and clause.join != "break" and any(item.unknown for item in clause.items)
        if number in reading.unread or not languages or asks or _orders(clause):
            found.append(words[:200])
    return tuple(found)


def _orders(clause: Clause) -> bool:
    """An instruction begins its clause: "add a dragon"."""
    if clause.section in ("light", "style", "subject", "background", "foreground", "change"):
        return False
    if any(item.name("negation") == "words" for item in clause.items):
        return False
    first = next((item for item in clause.items if item.name("instruction") or item.unknown), None)
    return (
        first is not None
        and bool(first.name("instruction"))
        and any(i.unknown for i in clause.items)
    )
