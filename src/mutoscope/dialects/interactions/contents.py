"""`input` in all its forms → what was said, the pictures and the films.

=============================================== ==========================================
a string                                         what is said
content, or a list of content and strings        as the REST and JavaScript clients send it
a list of steps                                  as the Python client sends it, or a conversation
=============================================== ==========================================

Of a conversation the last step of the user's counts, and the last film that the model answered with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mutoscope.dialects.google.media import resource
from mutoscope.dialects.shared.extras import unknown
from mutoscope.dialects.shared.fields import missing, words, wrong_type
from mutoscope.dialects.shared.references import Address, Data, Reference, Resource, data, link
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Notice

USER, MODEL = "user_input", "model_output"
KINDS = ("text", "image", "video", "document")
#: The members of each kind of content that are read; how sharply the model would look is none of these.
KNOWN = ("type", "text", "data", "uri", "mime_type", "mimeType", "name")
HARMLESS = ("resolution", "processing", "annotations")
MOST = 100  # pieces of content


@dataclass(frozen=True, slots=True)
class Item:
    """A picture or film and where it stands in the request."""

    source: Reference
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    prompt: str
    images: tuple[Item, ...] = ()
    videos: tuple[Item, ...] = ()
    earlier: Item | None = (
        None  # the film that the model answered with, in a conversation sent whole
    )
    notices: tuple[Notice, ...] = ()


def read(given: object) -> Contents:
    """BadInput where the input is none of the module's forms."""
    if isinstance(given, str):
        return Contents(prompt=given)
    if isinstance(given, Mapping):
        given = [given]
    if not isinstance(given, list):
        raise wrong_type("input", "a string or an array of content", given)
    if not given:
        raise missing("input", "say what should happen")
    steps = _steps(given)
    last = max((at for at, (kind, _, _) in enumerate(steps) if kind == USER), default=None)
    if last is None:
        raise BadShot("input has no step of the user's: one must have the type user_input", field="input")  # fmt: skip
    reader = _Reader()
    for kind, field, content in steps[:last]:
        if kind == MODEL:
            reader.answer(field, content)
    _, field, content = steps[last]
    for place, one in enumerate(content):
        reader.take(f"{field}[{place}]", one)
    return reader.contents()


def _steps(given: list[Any]) -> list[tuple[str, str, list[Any]]]:
    """Kind, name and content of each step."""
    if not any(isinstance(one, Mapping) and ("content" in one or one.get("type") == USER) for one in given):  # fmt: skip
        return [(USER, "input", given)]
    steps = []
    for place, one in enumerate(given):
        field = f"input[{place}]"
        if not isinstance(one, Mapping):
            raise wrong_type(field, "a step, as the others are", one)
        content = one.get("content") or []
        if isinstance(content, str | Mapping):
            content = [content]
        if not isinstance(content, list):
            raise wrong_type(f"{field}.content", "an array", content)
        role = {"user": USER, "model": MODEL}.get(str(one.get("role")), USER)
        steps.append((str(one.get("type") or role), f"{field}.content", content))
    return steps


class _Reader:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.images: list[Item] = []
        self.videos: list[Item] = []
        self.earlier: Item | None = None
        self.notices: list[Notice] = []
        self.count = 0

    def contents(self) -> Contents:
        return Contents(
            prompt="\n".join(part for part in self.said if part.strip()),
            images=tuple(self.images),
            videos=tuple(self.videos),
            earlier=self.earlier,
            notices=tuple(self.notices),
        )

    def take(self, field: str, one: object) -> None:
        """One piece of content."""
        self.count += 1
        if self.count > MOST:
            raise BadShot.of("input", f"{self.count} pieces of content", f"{MOST} at most")
        if isinstance(one, str):
            self.said.append(one)
            return
        if not isinstance(one, Mapping):
            raise wrong_type(field, "a string or content with a type", one)
        kind = one.get("type") or ("text" if "text" in one else "")
        if kind not in KINDS:
            raise BadShot.of(f"{field}.type", kind, '"text", "image" or "video"')
        for name, value in one.items():
            if name in HARMLESS and value is not None:
                why = f"{field}.{name} has no effect here"
                self.notices.append(Notice(code="ignored", field=f"{field}.{name}", message=why))
            elif name not in KNOWN and name not in HARMLESS:
                self.notices.append(unknown(f"{field}.{name}", KNOWN))
        if kind == "text":
            self.said.append(words(f"{field}.text", one.get("text")))
            return
        type = str(one.get("mime_type") or one.get("mimeType") or "")
        film = kind == "video" or (kind == "document" and not type.startswith("image/"))
        into = self.videos if film else self.images
        into.append(Item(_medium(field, one), field))

    def answer(self, field: str, content: list[Any]) -> None:
        """What the model answered before."""
        for place, one in enumerate(content):
            if isinstance(one, Mapping) and one.get("type") == "video":
                name = f"{field}[{place}]"
                self.earlier = Item(_medium(name, one), name)


def _medium(field: str, one: Mapping[str, Any]) -> Reference:
    given = [name for name in ("data", "uri") if one.get(name) is not None]
    if len(given) != 1:
        raise BadShot(
            f"{field} must have data or a uri, one of the two; it has {' and '.join(given) or 'neither'}",
            field=field,
            hint="data is base64, uri that of an uploaded file",
        )
    name = f"{field}.{given[0]}"
    said = words(name, one[given[0]])
    return data(name, said) if given == ["data"] else located(name, said)


def located(field: str, text: str) -> Data | Address | Resource | Reference:
    """An uploaded file's or a film's uri, or an address elsewhere."""
    text = text.strip()
    if text[:5].lower() == "data:":
        return Data(text)
    if text[:5].lower() == "gs://":
        return Address(text)  # what stands for the bucket is the server's to know
    return resource(text) or link(field, text)
