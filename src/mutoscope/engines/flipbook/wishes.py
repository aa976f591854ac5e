"""What is to be heard in a film, and what becomes of each wish for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mutoscope.engines.base import Instruction, Order
from mutoscope.shot import TrackRole

if TYPE_CHECKING:
    from mutoscope.sound.cues import Cue

NONE, TAKEN_OUT = "no sound is made", "the film's own sound is taken out"

SILENCED = "the words also ask for silence"

FILE = {
    TrackRole.MUSIC: "--music FILE (music= in the library)",
    TrackRole.VOICE: "--voice FILE (voice= in the library)",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be heard. `levels`: source → dB; `accents`: kinds of events that are asked for by name;
    `silent`: silence is asked for."""

    levels: dict[str, float]
    accents: tuple[str, ...]
    silent: bool
    said: tuple[Instruction, ...]

    @property
    def ambience(self) -> bool:
        return bool(self.levels or self.accents)


def wished(order: Order, *, lands: bool = False) -> Wish:
    """What the order's cues ask for; what the picture shows where sound is asked for and none says which.
    `lands`: something in the film comes down on the ground."""
    from mutoscope.sound.cues import of_picture, read, sources

    direction, asked = order.direction, order.shot.sound
    cues = [read(words) for words in direction.sound]
    silent = any(cue.meaning == "silence" for cue in cues)
    made = [] if silent else [cue for cue in cues if cue.meaning == "made"]
    named = [pair for cue in made for pair in cue.recipes]
    accents = tuple(
        dict.fromkeys(kind for cue in made for kind in cue.accents if kind != "thud" or lands)
    )
    said = [
        Instruction(f"sound: {cue.words}", "not_possible", SILENCED)
        if silent and cue.meaning == "made"
        else _answer(cue, order, lands)
        for cue in cues
        if cue.meaning != "picture"
    ]
    by_picture = [cue for cue in cues if cue.meaning == "picture"]
    words = f"sound: {by_picture[0].words}" if by_picture else "sound"
    if silent and (asked or by_picture):
        said.append(Instruction(words, "not_possible", SILENCED))
    elif (asked or by_picture) and not named:
        seen = of_picture(direction, order.shot.prompt)
        named = list(seen.recipes)
        because = (
            f", for {seen.because}" if seen.because else ", as what is said has no sound of its own"
        )
        how = f"synthesised: {listed(name for name, _ in named)}{because}"
        said.append(Instruction(words, "done", how))
    elif asked or by_picture:
        said.append(Instruction(words, "done", "synthesised, as the cues say"))
    return Wish(sources(named), accents, silent, tuple(said))


def _answer(cue: Cue, order: Order, lands: bool) -> Instruction:
    """What becomes of one cue."""
    from mutoscope.sound.lexicon import recipes

    words = f"sound: {cue.words}"
    given = {order.shot.tracks[place].role for place in order.tracks}
    if cue.meaning == "silence":
        return Instruction(words, "done", NONE)
    if cue.meaning == "refused":
        return Instruction(words, "done", "none is made")
    for meaning, role in (("music", TrackRole.MUSIC), ("speech", TrackRole.VOICE)):
        if cue.meaning == meaning:
            if role in given:
                return Instruction(words, "approximated", "your file is what is heard")
            what = "music is not composed" if meaning == "music" else "nobody is made to speak"
            return Instruction(words, "not_possible", f"{what}; give your own with {FILE[role]}")
    if cue.meaning in ("other", "unknown"):
        how = f"no such sound is synthesised; give your own with {FILE[TrackRole.MUSIC]}"
        return Instruction(words, "not_possible", how)
    if cue.accents == ("thud",) and not cue.recipes and not lands:
        return Instruction(words, "not_possible", "nothing in the film comes down to be heard")
    heard = listed((*(name for name, _ in cue.recipes), *cue.accents))
    lacks = [recipes()[name].how for name, _ in cue.recipes if recipes()[name].how]
    if cue.left:
        lacks.append(f"not “{cue.left}”")
    if lacks:
        return Instruction(words, "approximated", f"synthesised: {heard}; {'; '.join(lacks)}")
    return Instruction(words, "done", f"synthesised: {heard}")


def listed(names: Iterable[str]) -> str:
    """The names of recipes, for a sentence."""
    return ", ".join(dict.fromkeys(names))
