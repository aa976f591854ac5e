"""Cuts a prompt into words, numbers and punctuation marks, each with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class Token(NamedTuple):
    """`text` is in lower case; `start` and `end` are its place in the prompt."""

    text: str
    kind: str  # "word", "number", "mark"
    start: int
    end: int


_HAN = "㐀-䶿一-鿿"
_CUT = re.compile(
    rf"(?P<number>\d{{1,9}}(?::\d{{2}}|[.,]\d{{1,6}})?)"
    rf"|(?P<word>@\w+|[{_HAN}]|(?:(?![{_HAN}])[^\W\d_])+(?:['’](?:(?![{_HAN}])[^\W\d_])+)*)"
    r"|(?P<mark>[.,;:!?…()\[\]\n\r，。；：、！？（）【】·|/+&°%×]|[-–—~]+)"
)
_LONG = re.compile(r"(.)\1{2,}")


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, in one pass. A hyphen inside a word parts it and leaves no token; one
    between numbers is kept (a range), and so is one that stands free (a break)."""
    found: list[Token] = []
    for match in _CUT.finditer(text):
        kind = match.lastgroup or "mark"
        start, end = match.span()
        piece = match.group()
        if kind == "word":
            piece = plain(piece)
        elif kind == "number":
            piece = piece.replace(",", ".")
        elif piece[0] in "-–—~" and not _stands_free(text, start, end):
            continue
        found.append(Token(piece, kind, start, end))
    return found


def plain(word: str) -> str:
    """The word as the lexicons spell it: NFC, lower case, straight apostrophe, no "sloooow"."""
    word = unicodedata.normalize("NFC", word).lower().replace("’", "'")
    return _LONG.sub(r"\1\1", word) if len(word) > 3 else word


def _stands_free(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isdigit() and (after.isdigit() or after == " "):
        return True
    if text[start] in "–—" or end - start > 1:
        return True
    return (not before or before.isspace()) and (not after or after.isspace())
