"""What a model is and takes, in words; the command line and the page of models say the same."""

from __future__ import annotations

from mutoscope.catalog.checkpoint import Checkpoint, Condition, Licence, Tier
from mutoscope.catalog.rules import Steps, listed

#: condition → what it is filmed from, at length and in a table
CONDITIONS: dict[Condition, tuple[str, str]] = {
    "first": ("a first frame", "first frame"),
    "last": ("a last frame", "last frame"),
    "frame": ("pictures at any frame", "any frame"),
    "lead": ("a film to go on from", "going on"),
    "references": ("reference pictures", "references"),
    "video": ("a film to make anew", "a film anew"),
    "mask": ("a part of a film to make anew", "a part anew"),
}


def takes(kept: Checkpoint, *, short: bool = False) -> str:
    """What it films from: "words alone, a first frame; with sound"."""
    spare = {"first", "last"} if short and "frame" in kept.conditions else set()
    can = [
        words[short]
        for condition, words in CONDITIONS.items()
        if condition in kept.conditions and condition not in spare
    ]
    if kept.words_alone:
        can.insert(0, "words" if short else "words alone")
    return f"{', '.join(can)}{'; with sound' if kept.sound else ''}"


def frames(kept: Checkpoint) -> str:
    """How long one film of the model's own is."""
    most = Steps.nearest(kept.frames, kept.frames.high)
    return f"{kept.frames.words()}, at {kept.fps:g} a second: {most / kept.fps:.1f} s at most"


def sizes(kept: Checkpoint) -> str:
    """The sizes of its frames."""
    best = f", best {listed(list(kept.shapes))}" if kept.shapes else ""
    return f"{kept.sides.words()}, frames of {kept.area / 1e6:.2f} million pixels{best}"


def tier(one: Tier) -> str:
    """How a quality is made."""
    low = f" and {one.guidance_low:g}" if one.guidance_low is not None else ""
    parts = [
        f"{one.steps} steps",
        f"guidance {one.guidance:g}{low}" if one.guidance != 1 else "without guidance",
    ]
    parts += [f"shift {one.shift:g}"] if one.shift is not None else []
    parts += [f"{one.area / 1e6:.2f} million pixels"] if one.area else []
    parts += [f"the LoRA {one.lora}"] if one.lora else []
    parts += [f"the step cache {one.cache}"] if one.cache else []
    return ", ".join(parts)


def demands(licence: Licence) -> list[str]:
    """What a licence asks for beside its own text, a sentence each."""
    lines = list(licence.conditions)
    if licence.regions_excluded:
        lines.append(f"It is not granted in: {', '.join(licence.regions_excluded)}.")
    if licence.mark:
        lines.append(f"Every film must show: {licence.mark}")
    return lines
