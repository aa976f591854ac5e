"""Finds the lexicons' phrases in a prompt: the leftmost first, and of those the longest."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mutoscope.direction.lexicon import LANGUAGES, Phrases, Senses, index, telling_words
from mutoscope.direction.tokens import Token

#: Tables whose words are things in the picture where they open no section.
_THINGS = frozenset({"header", "layer"})


class Item(msgspec.Struct, frozen=True, eq=False):
    """A phrase, a number, a punctuation mark, or a word that no lexicon knows (no senses)."""

    words: tuple[str, ...]
    kind: str  # "word", "number", "mark"
    senses: Senses
    start: int  # in the prompt
    end: int
    number: float = 0.0
    unknown: bool = False  # a word that may be somebody or something: in no lexicon, or scene

    def name(self, table: str) -> str:
        """The name it has in a table, "" where it has none."""
        sense = self.senses.get(table)
        return sense.name if sense else ""

    @property
    def motion(self) -> str:
        """The motion table it is in, "" where it is in none."""
        return next((table for table in self.senses if table.startswith("motion.")), "")


def languages_of(read: Sequence[Token], *, film: bool = False) -> tuple[str, ...]:
    """The languages of a prompt, the likeliest first; () where there is no word of any of them."""
    score = dict.fromkeys(LANGUAGES, 0.0)
    latin = 0
    for token in read:
        if token.kind != "word":
            continue
        if "㐀" <= token.text[0] <= "鿿":
            score["zh"] += 0.5
            continue
        latin += token.text[0] < "\u0250"
        for language, words in telling_words().items():
            score[language] += token.text in words
    if latin and not any(score.values()):
        return (_by_lexicon(read, film),)
    ranked = sorted(score, key=lambda language: -score[language])
    best = score[ranked[0]]
    # a single word that two languages share does not make a prompt bilingual
    return tuple(one for one in ranked if score[one] > 0 and score[one] >= 0.3 * best)


def _by_lexicon(read: Sequence[Token], film: bool) -> str:
    """The language whose lexicon knows most of the words; for "herauszoomen" and its like alone."""
    texts = {token.text for token in read if token.kind == "word"}
    known = {
        one: sum((text,) in index((one,), film).get(text, _NO).senses for text in texts)
        for one in _LATIN
    }
    return max(_LATIN, key=lambda one: known[one])


_LATIN = ("en", "de", "da")
_NO = Phrases((), {})


def items(read: list[Token], languages: tuple[str, ...], *, film: bool = False) -> list[Item]:
    """`read` as items. English stands behind every language: its camera words are everybody's.
    `film`: with the words for a film that is there already."""
    known = index(languages if "en" in languages else (*languages, "en"), film)
    texts = [token.text for token in read]
    found: list[Item] = []
    at = 0
    while at < len(read):
        token = read[at]
        length, senses = _longest(known.get(token.text), texts, at)
        last = read[at + length - 1]
        words = tuple(one.text for one in read[at : at + length])
        number = _value(token.text) if token.kind == "number" else 0.0
        kind = token.kind
        if kind == "mark" and "amount" in senses:
            kind = "word"
        if "numbers" in senses:
            number = float(senses["numbers"].name)
        unknown = kind == "word" and (not senses or "scene" in senses or senses.keys() <= _THINGS)
        found.append(Item(words, kind, senses, token.start, last.end, number, unknown))
        at += length
    return found


def _longest(phrases: Phrases | None, texts: list[str], at: int) -> tuple[int, Senses]:
    if phrases is not None:
        for length in phrases.lengths:
            words = tuple(texts[at : at + length])
            senses = phrases.senses.get(words)
            if senses is not None:
                return len(words), senses
    return 1, {}


def _value(text: str) -> float:
    if ":" in text:
        minutes, seconds = text.split(":")
        return int(minutes) * 60.0 + int(seconds)
    return float(text)
