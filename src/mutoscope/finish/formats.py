"""What a film can be written as: the table of formats, and which one a file's name means.

Nothing heavy is loaded: a name is judged before any work. The writers are `writers`' to choose.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from mutoscope.errors import BadShot, CannotWrite

#: The ending of a file → FFmpeg's name of its container.
CONTAINERS = {
    ".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".webm": "webm", ".mkv": "matroska",
    ".webp": "webp", ".avif": "avif", ".gif": "gif",
}  # fmt: skip
#: What the numbered pictures of a sequence are called.
NUMBERED = "%05d.png"
DEFAULT = "h264"
#: Codes of grain (one standard deviation) that formats are tuned for.
MUCH_GRAIN = 2.0
#: What can be written beside a film, for a compositing program.
PASSES = ("matte", "disparity", "plate", "subject")

Writing = Literal["video", "gif", "pillow", "stills"]


class Coding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"kind": "writer"}):
    """How frames become a file. `options` are the codec's, `container` the container's own."""

    pixels: str
    kind: Writing = "video"
    codec: str = ""
    tag: str = ""
    options: dict[str, str] = {}
    grainy: dict[str, str] = {}
    container: dict[str, str] = {}

    def with_grain(self, codes: float) -> Coding:
        """The same for pictures with so many codes of grain, which hide what coarser coding does."""
        if not self.grainy:
            return self
        coding = msgspec.structs.replace(self, options=self.options | self.grainy)
        return coding.finer(-max(0.0, codes - MUCH_GRAIN))

    def finer(self, steps: float) -> Coding:
        """The same with a crf that is so much smaller, where it has one."""
        if "crf" not in self.options:
            return self
        crf = f"{float(self.options['crf']) - steps:g}"
        return msgspec.structs.replace(self, options={**self.options, "crf": crf})


class Format(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One format. `alpha`: its coding with transparency, None where it has none."""

    name: str
    says: str
    suffixes: tuple[str, ...]
    coding: Coding
    alpha: Coding | None = None
    grey: Coding | None = None
    short: int | None = None
    fastest: float | None = None
    compositing: bool = False  # a compositing program takes it as it is

    def step(self, fps: float | Fraction) -> int:
        """Every how many frames of a film at `fps` one is shown."""
        return max(1, math.ceil(float(fps) / self.fastest - 1e-6)) if self.fastest else 1

    def of(self, alpha: bool) -> Coding:
        """The coding with or without transparency. Raises BadShot where it has none."""
        if not alpha:
            return self.coding
        if self.alpha is None:
            raise BadShot(f"{self.says} has no transparency; take {with_alpha()}", field="format")
        return self.alpha


_CODING = [field.encode_name for field in msgspec.structs.fields(Coding)]


@cache
def formats() -> dict[str, Format]:
    """Every format by name, in the table's order."""
    import tomllib
    from importlib.resources import files

    table = tomllib.loads((files("mutoscope.finish") / "formats.toml").read_text("utf-8"))
    return {name: _format(name, dict(one)) for name, one in table.items()}


def _format(name: str, one: dict[str, Any]) -> Format:
    coding = {key: one.pop(key) for key in _CODING if key in one}
    for other in ("alpha", "grey"):
        if (
            other in one and "writer" not in one[other]
        ):  # all but what it says itself is the plain one's
            both = {**coding.get("options", {}), **one[other].pop("options", {})}
            one[other] = {**coding, **one[other], "options": both}
    return msgspec.convert({**one, "name": name, "coding": coding}, Format)


def named(name: str) -> Format:
    """The format of that name. Raises BadShot."""
    known = formats()
    if name not in known:
        raise BadShot.of("format", name, f"one of {', '.join(known)}")
    return known[name]


def for_passes(name: str) -> Format:
    """The format that clean passes beside a film of the format `name` have: its own where compositing
    programs take it, else ProRes."""
    form = named(name)
    return form if form.compositing else named("prores")


def with_alpha() -> str:
    """The names of the formats that can be transparent, for a sentence."""
    *names, last = [name for name, one in formats().items() if one.alpha is not None]
    return f"{', '.join(names)} or {last}"


def wanted(output: str | Path | None, name: str = "") -> tuple[Format, Path | None]:
    """The format that a file's name and a format's name mean together, and the file with its ending
    (a folder for a sequence of pictures). Raises BadShot where they do not fit or there is no such
    format, CannotWrite for a folder that is to be a file."""
    asked = named(name) if name else None
    if output is None:
        return asked or named(DEFAULT), None
    path = Path(output)
    if path.name == NUMBERED:  # "shot/%05d.png": a folder of them
        form, path = named("png"), path.parent
        if asked not in (None, form):
            raise _unfit(Path(output), asked)
        return form, path
    form = asked or _by_ending(path)
    if form.suffixes == ("",):
        if path.suffix.lower() in (".png", *CONTAINERS):
            raise _unfit(path, form)
        return form, path
    if path.is_dir():
        raise CannotWrite(
            f"{path} is a folder; name a file, such as {path / 'film'}{form.suffixes[0]}"
        )
    if not path.suffix:
        return form, path.with_name(path.name + form.suffixes[0])
    if path.suffix.lower() not in form.suffixes:
        raise _unfit(path, form)
    return form, path


def _by_ending(path: Path) -> Format:
    suffix = path.suffix.lower()
    if not suffix:
        return named(DEFAULT)
    for one in formats().values():
        if suffix in one.suffixes:
            return one
    hint = f"a folder of pictures is {path.with_suffix('')}/{NUMBERED}" if suffix == ".png" else ""
    raise BadShot.of("output", str(path), f"a name that ends in {endings()}", hint)


def endings() -> str:
    """Every ending that means a format, for a sentence."""
    known = dict.fromkeys(end for one in formats().values() for end in one.suffixes if end)
    *ends, last = known
    return f"{', '.join(ends)} or {last}"


def _unfit(path: Path, asked: Format) -> BadShot:
    if asked.suffixes == ("",):
        folder = path.with_suffix("")
        return BadShot.of(
            "output", str(path), f"a folder's name, such as {folder}, for a sequence of pictures"
        )
    ends = " or ".join(end for end in asked.suffixes if end)
    return BadShot.of("output", str(path), f"a name that ends in {ends}, for {asked.says}")
