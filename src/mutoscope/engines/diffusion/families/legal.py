"""Whether a brief can be filmed as it stands: a pipeline leaves out, rounds or crops what it has no way
for, and says nothing. No torch is needed here."""

from __future__ import annotations

from collections.abc import Iterator

from mutoscope.catalog.checkpoint import Checkpoint, Condition
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.errors import EngineFailed

_WORDS: dict[str, str] = {
    "first": "begin with a picture",
    "last": "end with a picture",
    "frame": "show a picture in the midst of the film",
    "lead": "go on from a film",
    "references": "take reference pictures",
    "video": "make a film anew",
    "mask": "make a part of a film anew",
    "sound": "make sound",
    "alone": "film words without a picture",
    "shift": "be told how its noise is shifted",
    "strength": "let a picture count less than whole",
    "two experts": "be guided otherwise in its second half",
}


def asked(brief: Brief) -> Iterator[str]:
    """What the brief needs of a model: names of conditions, and of what else `_WORDS` has; "alone" is
    words without any picture."""
    for keyframe in brief.keyframes:
        ends = {0: "first", brief.frames - 1: "last"}
        yield ends.get(keyframe.frame, "frame")
    for name in ("lead", "references", "video", "mask"):
        given = getattr(brief, name)
        if given is not None and len(given):
            yield name
    if brief.sound:
        yield "sound"
    if brief.shift is not None:
        yield "shift"
    if brief.guidance_low is not None:
        yield "two experts"
    if any(one.strength != 1 for one in brief.keyframes):
        yield "strength"
    if not brief.keyframes and brief.lead is None and brief.video is None:
        yield "alone"


def check(brief: Brief, checkpoint: Checkpoint, ways: frozenset[Condition], shift: bool) -> None:
    """Raise EngineFailed for what the checkpoint, or its family with its `ways` (and `shift`), cannot do,
    and for sides, frames and pictures that would silently become others."""
    can: set[str] = set(ways & checkpoint.conditions)
    if "frame" in can:
        can |= {"first", "last"}
    has = {"sound": checkpoint.sound, "strength": checkpoint.strength, "shift": shift}
    has |= {"alone": checkpoint.words_alone, "two experts": _two_experts(checkpoint)}
    can |= {name for name, is_so in has.items() if is_so}
    for need in asked(brief):
        if need not in can:
            raise EngineFailed(f"{checkpoint.repository} cannot {_WORDS[need]}")
    _shaped(brief, checkpoint)
    if brief.lora and brief.lora not in checkpoint.loras:
        raise EngineFailed(f"{checkpoint.repository} has no LoRA {brief.lora!r}")


def _two_experts(checkpoint: Checkpoint) -> bool:
    return any(tier.guidance_low is not None for tier in checkpoint.tiers.values())


def _shaped(brief: Brief, checkpoint: Checkpoint) -> None:
    size, rule = brief.size, checkpoint.frames
    if size.width % checkpoint.sides.a or size.height % checkpoint.sides.a:
        raise EngineFailed(f"{size} is no size of {checkpoint.repository}: /{checkpoint.sides.a}")
    if (brief.frames - rule.b) % rule.a or brief.frames < rule.low:
        raise EngineFailed(
            f"{checkpoint.repository} makes {rule.words()} frames, not {brief.frames}"
        )
    slow, fast = checkpoint.rates or (checkpoint.fps, checkpoint.fps)
    if not slow <= brief.fps <= fast:
        raise EngineFailed(f"{checkpoint.repository} does not film at {brief.fps:g} a second")
    pictures = [(one.image, one.frame) for one in brief.keyframes]
    if len({frame for _, frame in pictures}) < len(pictures):
        raise EngineFailed("two pictures for one frame")
    for image, frame in pictures:
        if not 0 <= frame < brief.frames:
            raise EngineFailed(f"a picture at frame {frame} of a film of {brief.frames} frames")
        if image.shape[:2] != (size.height, size.width):
            raise EngineFailed(f"the picture at frame {frame} is not {size}")
    for name, film in (("lead", brief.lead), ("video", brief.video)):
        if film is not None and film.shape[1:3] != (size.height, size.width):
            raise EngineFailed(f"the {name} is not {size}")
    if brief.video is not None and len(brief.video) != brief.frames:
        raise EngineFailed(f"a film of {len(brief.video)} frames to be made anew in {brief.frames}")


def noise_levels(brief: Brief, checkpoint: Checkpoint) -> tuple[float, ...]:
    """The levels that the checkpoint, or the LoRA laid over it, was distilled for; none: the scheduler's.
    Raises EngineFailed for another number of steps: they cannot be stretched."""
    found = checkpoint.loras[brief.lora].sigmas if brief.lora else checkpoint.sigmas
    if found and len(found) != brief.steps:
        raise EngineFailed(
            f"{brief.lora or checkpoint.repository} was distilled for {len(found)} steps; it cannot take "
            f"{brief.steps}"
        )
    return found


def unheard(brief: Brief, checkpoint: Checkpoint) -> tuple[str, ...]:
    """What of the brief has no effect, in sentences: without guidance nothing is steered away from."""
    if brief.guidance > 1 or brief.negative in ("", checkpoint.negative):
        return ()
    return ("the negative prompt has no effect: this film is made without the pass that it steers",)
