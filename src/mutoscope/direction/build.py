"""The prompt builder: five parts in, a prompt in the form an engine likes out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from mutoscope.errors import BadShot


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The five-part form, each in plain words; empty parts are left out.

    `keep`: what must stay as it is in the picture; `change`: what may change.
    """

    shot: str = ""  # shot and framing: "medium close-up, slow push-in"
    action: str = ""
    tempo: str = ""  # tempo and timing
    light: str = ""  # light and mood
    sound: str = ""
    keep: tuple[str, ...] = field(default=())
    change: tuple[str, ...] = field(default=())


def build(parts: Parts | Mapping[str, Any], engine: str = "") -> str:
    """The prompt for `engine` (an engine's or a model's name; its family is found in forms.toml).

    BadShot where no part is given, a part is no text or none of the form's, or the prompt is longer
    than the family takes.
    """
    given = parts if isinstance(parts, Parts) else _parts(parts)
    form = family(engine)
    labels = {**_LISTS, **form["labels"]}
    said = [labels.get(name, "") + text for name in form["order"] if (text := _text(given, name))]
    if not said:
        raise BadShot(
            "the prompt has no parts: give at least one of shot, action, tempo, light, sound"
        )
    prompt = str(form["join"]).join(_ended(text, form["join"]) for text in said)
    if form["join"] == ", ":
        prompt += "."
    if len(prompt) > form["most"]:
        raise BadShot.of(
            "prompt", f"{len(prompt)} characters long", f"at most {form['most']} for this engine"
        )
    return prompt


def family(engine: str) -> dict[str, Any]:
    """The row of forms.toml for an engine's or model's name."""
    name = engine.lower()
    forms = _forms()
    return next(
        (form for form in forms.values() if any(word in name for word in form["match"])),
        forms["default"],
    )


def unsaid(parts: Parts, engine: str = "") -> tuple[str, ...]:
    """The parts that were given and that this engine's form has no place for ("sound")."""
    order = family(engine)["order"]
    return tuple(
        one.name for one in fields(Parts) if _text(parts, one.name) and one.name not in order
    )


def _parts(given: Mapping[str, Any]) -> Parts:
    names = [one.name for one in fields(Parts)]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in names:
            raise BadShot(
                f"parts has no field {name!r}; it has {', '.join(names)}", field=f"parts.{name}"
            )
        if name in ("keep", "change"):
            listed = (value,) if isinstance(value, str) else value
            if not isinstance(listed, list | tuple) or not all(
                isinstance(one, str) for one in listed
            ):
                raise BadShot.of(f"parts.{name}", value, "text or a list of texts")
            values[name] = tuple(listed)
        elif isinstance(value, str):
            values[name] = value
        else:
            raise BadShot.of(f"parts.{name}", value, "text")
    return Parts(**values)


def _text(parts: Parts, name: str) -> str:
    value = getattr(parts, name)
    if isinstance(value, str):
        return _one_line(value)
    return ", ".join(_one_line(one) for one in value if one.strip())


#: The two lists need a word before them in every form.
_LISTS = {"keep": "Keep unchanged: ", "change": "May change: "}


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(" .,;")


def _ended(text: str, join: str) -> str:
    capital = text[:1].upper() + text[1:]
    return text if join == ", " else capital + "."


@cache
def _forms() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("forms.toml").read_text("utf-8"))
