"""The prompt check: what will probably not come out as it was written, and how to write it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mutoscope.direction.model import Advice, Direction
from mutoscope.direction.parse import direct
from mutoscope.direction.tokens import Token, plain, tokens
from mutoscope.shot import Kind

#: Engines that take numbers at their word and move the camera by geometry.
EXACT = frozenset({"flipbook"})
_DEGREES = re.compile(r"(\d{1,4}(?:[.,]\d+)?)\s*(?:°|degrees?\b|grad(?:er)?\b|度)", re.IGNORECASE)
_SECONDS = re.compile(
    r"(\d{1,4}[.,]\d+)\s*(?:s\b|sec\b|seconds?\b|sekunden?\b|sekunder\b|秒)", re.IGNORECASE
)
_SHARE = re.compile(r"(\d{1,3}[.,]\d+)\s*(?:%|percent\b|prozent\b|procent\b)", re.IGNORECASE)


def check(
    prompt: str,
    seconds: float | None = None,
    *,
    kind: Kind | str = Kind.CREATE,
    engine: str = "",
    direction: Direction | None = None,
) -> tuple[Advice, ...]:
    """Advice on `prompt` for a clip of `seconds`, the gravest first; () where there is none.

    `kind`: a remix is also checked for asking several changes, and only a film made anew for parts that
    are not told. `engine`: one of `EXACT` follows
    numbers, so nothing is said of them nor of likelihood; "" stands for the generative engines.
    `direction`: the prompt as it was read, where the caller has it.

    Codes: impossible, vague, several_changes, over_exact, missing_parts, likelihood.
    """
    read = direction or direct(prompt, seconds, film=Kind(kind) is not Kind.CREATE)
    words = _joined(tokens(prompt))
    found = [*_impossible(words), *_vague(read)]
    if Kind(kind) is Kind.REMIX:
        found += _changes(words)
    elif Kind(kind) is Kind.CREATE:  # the others have a film, whose parts need not be told
        found += _missing(words, read)
    if engine not in EXACT:
        found = [*found, *_over_exact(prompt), *_likelihood(read)]
    order = ("impossible", "vague", "several_changes", "over_exact", "missing_parts", "likelihood")
    return tuple(sorted(found, key=lambda advice: order.index(advice.code)))


def _impossible(words: str) -> Iterator[Advice]:
    for phrase, spelled in _table()["impossible"]:
        if spelled in words:
            yield Advice(
                code="impossible",
                message=f"“{phrase}” goes against physics; engines mostly show something else: "
                "describe what is seen instead.",
                words=phrase,
            )
            return


def _vague(read: Direction) -> list[Advice]:
    said = [advice for advice in read.advice if advice.code == "vague"]
    if said or read.camera or read.motion or read.edits:
        return said
    message = "Nothing is asked to move: name a camera move, or what moves and how."
    return [Advice(code="vague", message=message)]


def _changes(words: str) -> list[Advice]:
    count = sum(words.count(spelled) for _, spelled in _table()["remix"])
    if count < 2:
        return []
    message = f"A remix keeps its film when it changes one thing; {count} changes are asked: remix once for each."
    return [Advice(code="several_changes", message=message)]


def _over_exact(prompt: str) -> Iterator[Advice]:
    table = _table()
    for match in _DEGREES.finditer(prompt):
        value = float(match[1].replace(",", "."))
        near = min(table["degrees"], key=lambda one: abs(one - value))
        if value != near:
            said = table["words"].get(str(near), f"about {near} degrees")
            yield _exact(match[0], said if said.startswith("about") else f"about {said}")
            break
    for match in _SECONDS.finditer(prompt):
        value = float(match[1].replace(",", "."))
        if abs(value * 2 - round(value * 2)) > 1e-6:
            yield _exact(match[0], f"about {max(1, round(value))} seconds")
            break
    for match in _SHARE.finditer(prompt):
        yield _exact(match[0], f"about {round(float(match[1].replace(',', '.')))} percent")
        break


def _exact(words: str, better: str) -> Advice:
    message = (
        f"“{words}” is more exact than a generative engine can follow: “{better}” works better."
    )
    return Advice(code="over_exact", message=message, words=words)


def _missing(words: str, read: Direction) -> list[Advice]:
    present = {
        "shot": bool(read.camera) or read.lens.focal_mm is not None,
        "action": bool(read.motion),
        "sound": bool(read.sound),
        "tempo": any(move.speed != "normal" for move in read.camera),
    }
    parts = _table()["parts"]
    absent = [
        part
        for name, part in parts.items()
        if not present.get(name) and not any(spelled in words for spelled in part["spelled"])
    ]
    if not absent:
        return []
    named = ", ".join(part["label"] for part in absent)
    message = f"The prompt does not speak of {named}; for example: “{absent[0]['example']}”."
    return [Advice(code="missing_parts", message=message)]


def _likelihood(read: Direction) -> Iterator[Advice]:
    shares = _table()["likelihood"]
    groups = [motion.group for motion in read.motion if motion.group in shares]
    moving = any(move.move != "static" for move in read.camera)
    asked = list(dict.fromkeys([*(["camera"] if moving else []), *groups]))
    if asked:
        said = ", ".join(f"{name} {shares[name]:.0%}" for name in asked)
        message = (
            f"Share of such prompts that generative engines follow, by kind of motion: {said}."
        )
        yield Advice(code="likelihood", message=message, words=", ".join(asked))


def _joined(read: list[Token]) -> str:
    return " " + " ".join(token.text for token in read if token.kind != "mark") + " "


def _spelled(phrases: str) -> list[tuple[str, str]]:
    """Each phrase as it is shown and as it is looked for."""
    return [
        (shown, _joined(tokens(plain(shown))))
        for one in phrases.split(",")
        if (shown := one.strip())
    ]


@cache
def _table() -> dict[str, Any]:
    read = tomllib.loads(Path(__file__).with_name("check.toml").read_text("utf-8"))
    parts = {
        name: {**part, "spelled": [spelled for _, spelled in _spelled(part["words"])]}
        for name, part in read["parts"].items()
    }
    return {
        "impossible": _spelled(read["impossible"]["phrases"]),
        "remix": _spelled(read["remix"]["verbs"]),
        "degrees": read["round"]["degrees"],
        "words": read["round"]["words"],
        "likelihood": read["likelihood"],
        "parts": parts,
    }
