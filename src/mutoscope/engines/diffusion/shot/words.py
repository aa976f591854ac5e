"""The prompt in a model's own terms: the shot's words, and the camera as that family is told of it.

The raw words go along as they are, in whatever language; the direction that was read from them adds the
camera's moves as sentences in English, in the order that the family's form has (`direction/forms.toml`).
Of a film in parts each part is told of the moves that fall into it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from mutoscope.direction.build import family as form_of
from mutoscope.direction.model import Direction, Edit, Move

#: Characters of European words that make a token, and tokens of one of Chinese: an estimate on the safe side.
PER_TOKEN, PER_HAN = 3.6, 1.0
#: Around words that are taken out: no other word of Latin letters, and the joint before or after them.
_LEFT_OF, _RIGHT_OF = r"(?<![A-Za-zÀ-ÿ])", r"(?![A-Za-zÀ-ÿ])"
_BEFORE = r"[,;]?\s*\b(?:and|then|und|og)\s+"
_JOINT = r"\s*(?:,?\s*\b(?:and|then|und|og)\b|[,;.，。])?\s*"
_HAN = re.compile("[㐀-䶿一-鿿぀-ヿ가-힣]")


@dataclass(frozen=True, slots=True)
class Told:
    """What the direction's own words are for a model: `sentence` for each move, `lens` and `style`."""

    moves: tuple[tuple[Move, str], ...]
    lens: tuple[str, ...] = ()
    style: str = ""


def told(direction: Direction, family: str) -> Told:
    """The direction in the words of a family of models."""
    lens = table(family, "lens")
    focal = direction.lens.focal_mm
    words = []
    if focal is not None:
        words.append(lens["focal"].format(mm=f"{focal:g}"))
    if direction.lens.focus:
        words.append(lens[direction.lens.focus])
    style = table(family, "style")[direction.style] if direction.style else ""
    return Told(
        tuple((move, sentence(move, family)) for move in direction.camera), tuple(words), style
    )


def sentence(move: Move, family: str) -> str:
    """One camera move: "the camera slowly pushes in"."""
    return str(table(family, "camera")[move.move]).format(pace=table(family, "pace")[move.speed])


def prompts(
    direction: Direction,
    raw: str,
    family: str,
    windows: Sequence[tuple[float, float]],
    *,
    sound: bool = False,
    leave: Iterable[Edit] = (),
    camera: bool = True,
) -> tuple[str, ...]:
    """A prompt for each part of the film; `windows` are their seconds in it. `raw` is the shot's prompt,
    characters by name. `sound`: the model makes it, and is told the cues. `leave`: edits that are done
    by the house, whose words the model is not given. `camera`: the moves are the model's; else they
    are left out, too."""
    made = told(direction, family)
    others = () if camera else direction.camera
    plain = without(raw, [*(one.words for one in leave), *(one.words for one in others)])
    return tuple(
        _part(direction, plain, family, made, window, sound=sound, camera=camera, all=windows)
        for window in windows
    )


def _part(
    direction: Direction,
    raw: str,
    family: str,
    made: Told,
    window: tuple[float, float],
    *,
    sound: bool,
    camera: bool,
    all: Sequence[tuple[float, float]],
) -> str:
    here = [(move, words) for move, words in made.moves if camera and _within(move, window)]
    if len(all) > 1:  # a move that falls into another part would be made here, too
        elsewhere = [move for move, _ in made.moves if not _within(move, window)]
        raw = without(raw, [move.words for move in elsewhere])
    action = raw or ", ".join(_motions(direction))
    shot = [_sequence(here, family)] if here else []
    if not raw:
        shot += [*made.lens, made.style]
    cues = [cue for cue in direction.sound if sound and cue.lower() not in raw.lower()]
    parts = {
        "action": action,
        "shot": ", ".join(filter(None, shot)),
        "sound": ", ".join(cues),
        "keep": "" if raw else ", ".join(direction.keep),
    }
    form = form_of(setting(family, "form"))
    labels = {"keep": "Keep unchanged: ", **form["labels"]}
    order = [*form["order"], *(["sound"] if sound and "sound" not in form["order"] else [])]
    return str(form["join"]).join(
        _ended(labels.get(name, "") + parts[name].strip())
        for name in order
        if parts.get(name, "").strip()
    )


def _within(move: Move, window: tuple[float, float]) -> bool:
    """Whether a fair part of the move falls into the part."""
    both = min(move.end, window[1]) - max(move.start, window[0])
    return both > 0.2 * max(1e-6, min(move.end - move.start, window[1] - window[0]))


def _sequence(moves: Sequence[tuple[Move, str]], family: str) -> str:
    """One sentence of moves after or beside each other."""
    said = moves[0][1]
    for (one, _), (other, words) in pairwise(moves):
        beside = other.start < one.end - 0.25 * (one.end - one.start)
        said += f", {setting(family, 'while' if beside else 'then')}{words}"
    return said


def _motions(direction: Direction) -> Iterator[str]:
    for motion in direction.motion:
        yield motion.words or " ".join(filter(None, (motion.target, motion.kind, motion.direction)))


def without(raw: str, phrases: Iterable[str]) -> str:
    """The words without some of them, and without the marks and joints that would be left bare."""
    made = raw
    for words in phrases:
        if not words.strip():
            continue
        bare = rf"(?:(?<!\w)(?:make|turn) it )?{_LEFT_OF}{re.escape(words)}{_RIGHT_OF}"
        made, found = re.subn(rf"{_BEFORE}{bare}", "", made, count=1, flags=re.I)
        if not found:
            made = re.sub(rf"{bare}{_JOINT}", "", made, count=1, flags=re.I)
    return re.sub(r"\s{2,}", " ", made).strip(" ,;，")


def tokens(prompt: str) -> int:
    """About how many tokens a prompt has: an estimate, a little too high."""
    han = len(_HAN.findall(prompt))
    return round(han * PER_HAN + (len(prompt) - han) / PER_TOKEN)


def setting(family: str, name: str) -> Any:
    """A family's setting, or the default one."""
    rows = _tables()
    return rows.get(family, {}).get(name, rows["default"][name])


def table(family: str, name: str) -> dict[str, str]:
    """A family's table of words over the default one."""
    rows = _tables()
    return {**rows["default"][name], **rows.get(family, {}).get(name, {})}


def _ended(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?。！？" else f"{text}."


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
