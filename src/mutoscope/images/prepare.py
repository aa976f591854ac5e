"""A photograph made ready for a frame: upright sRGB of exactly the size that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.catalog.sizes import parse_size
from mutoscope.errors import BadShot
from mutoscope.images.decode import open_photo
from mutoscope.images.encode import FORMATS, QUALITY, checked, encoded, put
from mutoscope.images.fit import fitted
from mutoscope.images.framing import framing
from mutoscope.images.plan import KINDS, Plan, fill_colour
from mutoscope.shot import Crop, Fit, Size

FOCUSES = ("subject", "centre")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How pictures are prepared; the same for a whole folder. Raises BadShot for what is not allowed.

    `fill`: "" (by itself), "blur" or a colour. `kind`: "portrait", "screenshot", "product", "art", or ""
    to look. `focus`: what `cover` keeps, "subject" or "centre".
    """

    size: Size
    fit: Fit = Fit.AUTO
    crop: Crop | None = None
    fill: str = ""
    kind: str = ""
    focus: str = "subject"
    form: str = "jpeg"
    quality: int = QUALITY

    def __post_init__(self) -> None:
        checked(self.form, self.quality)
        if self.fill:
            fill_colour(self.fill)
        if self.kind not in KINDS:
            raise BadShot.of("kind", self.kind, f"one of {', '.join(KINDS[1:])}, or empty")
        if self.focus not in FOCUSES:
            raise BadShot.of("focus", self.focus, f"one of {', '.join(FOCUSES)}")

    @property
    def suffix(self) -> str:
        return FORMATS[self.form][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One prepared still. `content` is the file's bytes; `path` where it was written, if it was."""

    content: bytes
    path: Path | None
    plan: Plan
    notes: tuple[str, ...]  # what was seen and done
    warnings: tuple[str, ...]  # what will be seen as a lack of quality

    def to_builtins(self) -> dict[str, Any]:
        """As plain values for JSON, without the content."""
        shown: dict[str, Any] = msgspec.to_builtins(self.plan, enc_hook=str)
        for size in ("source", "target"):
            shown[size] = str(getattr(self.plan, size))
        shown |= {"notes": list(self.notes), "warnings": list(self.warnings)}
        return shown | {"output": None if self.path is None else str(self.path)}


def prepare(
    photo: str | Path | bytes,
    size: str | Size = "720p",
    *,
    fit: str | Fit = Fit.AUTO,
    crop: Crop | None = None,
    fill: str = "",
    kind: str = "",
    focus: str = "subject",
    format: str = "jpeg",
    quality: int = QUALITY,
    output: str | Path | None = None,
) -> Prepared:
    """The picture (a path or a file's bytes) brought to `size`; written to `output` where one is named.

    `size`: a Size, "1280x720", "720p", "9:16", "reels", ... `fit`: auto, cover, pad, stretch or strict.
    `crop` is cut out first. `fill`: what pad puts around it, "blur" or "#rrggbb". `kind` spares the
    look for one ("portrait", "screenshot", "product", "art"). `format`: jpeg, png or webp; the output's
    own ending comes first. Raises BadImage, BadShot, ContractRefused (strict) or CannotWrite.
    """
    path = None if output is None else Path(output)
    if path is not None:
        format = next((f for f, (end, *_) in FORMATS.items() if path.suffix.lower() == end), format)
    recipe = Recipe(
        size=size if isinstance(size, Size) else parse_size(size),
        fit=_fit(fit),
        crop=crop,
        fill=fill,
        kind=kind,
        focus=focus,
        form=format,
        quality=quality,
    )
    return prepared(photo if isinstance(photo, bytes) else Path(photo), recipe, path)


def prepared(source: Path | bytes, recipe: Recipe, path: Path | None = None) -> Prepared:
    """One picture by a recipe. Raises BadImage, BadShot, ContractRefused or CannotWrite."""
    photo = open_photo(source)
    planned = framing(
        photo,
        recipe.size,
        recipe.fit,
        recipe.crop,
        fill=recipe.fill,
        kind=recipe.kind,
        aware=recipe.focus == "subject",
    )
    rgb, _ = fitted(photo, planned)
    content = encoded(rgb, recipe.form, recipe.quality)
    if path is not None:
        put(content, path)
    return Prepared(
        content=content,
        path=path,
        plan=planned,
        notes=photo.notes + planned.notes,
        warnings=planned.warnings,
    )


def _fit(fit: str) -> Fit:
    try:
        return Fit(fit)
    except ValueError:
        raise BadShot.of("fit", str(fit), f"one of {', '.join(Fit)}") from None
