"""What a model has no way for is refused, and nothing is silently made another."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from engines.diffusion.briefs_made import brief, film, first, picture
from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint, Condition
from mutoscope.engines.diffusion.brief import Keyframe
from mutoscope.engines.diffusion.families import legal
from mutoscope.errors import EngineFailed
from mutoscope.shot import Size

EVERY: frozenset[Condition] = frozenset(
    {"first", "last", "frame", "lead", "references", "video", "mask"}
)
MASK = np.zeros((9, 64, 64), np.uint8)


def checkpoint(name: str = "ltx-2", **changes: Any) -> Checkpoint:
    found = load.contract(name, "diffusion").checkpoint
    assert found is not None
    return msgspec.structs.replace(found, **changes)


CANNOT: dict[str, tuple[str, dict[str, Any], str]] = {
    "references": ("ltx-2", {"references": (picture(1),)}, "take reference pictures"),
    "mask": ("ltx-2", {"video": film(1, 9), "mask": MASK}, "make a part of a film anew"),
    "shift": ("ltx-2", {"shift": 5.0}, "be told how its noise is shifted"),
    "last": (
        "hunyuanvideo-1.5-i2v",
        {"keyframes": (first(), Keyframe(8, picture(1)))},
        "end with a picture",
    ),
    "middle": ("kandinsky-5", {"keyframes": (Keyframe(4, picture(1)),)}, "in the midst of the"),
    "lead": ("kandinsky-5", {"lead": film(1, 5)}, "go on from a film"),
    "video": ("kandinsky-5", {"video": film(1, 9)}, "make a film anew"),
    "words alone": ("kandinsky-5", {}, "film words without a picture"),
    "sound": ("kandinsky-5", {"keyframes": (first(),), "sound": True}, "make sound"),
    "strength": ("kandinsky-5", {"keyframes": (first(1, 0.5),)}, "count less than whole"),
    "two experts": ("ltx-2", {"guidance_low": 3.0}, "be guided otherwise in its second half"),
    "one frame twice": ("ltx-2", {"keyframes": (first(), first(2))}, "two pictures for one frame"),
    "side": ("ltx-2", {"size": Size(64, 48)}, "64x48 is no size of Lightricks/LTX-2: /32"),
    "frames": ("ltx-2", {"frames": 10}, "makes 8·k . 1 from 9 to 481 frames, not 10"),
    "too few frames": (
        "kandinsky-5",
        {"frames": 13, "keyframes": (first(),)},
        "from 17 to 121 frames, not 13",
    ),
    "rate": ("ltx-2", {"fps": 48.0}, "does not film at 48 a second"),
    "after the end": ("ltx-2", {"keyframes": (Keyframe(9, picture(1)),)}, "frame 9 of a film of 9"),
    "picture's size": (
        "ltx-2",
        {"keyframes": (Keyframe(0, picture(1, Size(96, 64))),)},
        "the picture at frame 0 is not 64x64",
    ),
    "film's size": ("ltx-2", {"video": film(1, 9, Size(96, 64))}, "the video is not 64x64"),
    "film's length": ("ltx-2", {"video": film(1, 5)}, "a film of 5 frames"),
    "lora": ("ltx-2", {"lora": "fast"}, "has no LoRA 'fast'"),
}


@pytest.mark.parametrize(("name", "changes", "why"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_is_refused(name: str, changes: dict[str, Any], why: str) -> None:
    small = checkpoint(name)
    small = msgspec.structs.replace(small, sides=msgspec.structs.replace(small.sides, a=32))
    with pytest.raises(EngineFailed, match=why):
        legal.check(brief(**changes), small, EVERY, shift=False)


def test_whoever_may_show_a_picture_at_any_frame_may_at_both_ends() -> None:
    asked = brief(keyframes=(first(), Keyframe(8, picture(2))))
    legal.check(asked, checkpoint(conditions=frozenset({"frame"})), EVERY, shift=False)


def test_a_condition_needs_the_family_and_the_checkpoint() -> None:
    asked = brief(keyframes=(first(),))
    for ways, conditions in ((EVERY, frozenset({"lead"})), (frozenset({"lead"}), EVERY)):
        with pytest.raises(EngineFailed, match="begin with a picture"):
            legal.check(asked, checkpoint(conditions=conditions), ways, shift=False)  # type: ignore[arg-type]


def test_noise_levels_are_the_loras_where_one_is_laid_on() -> None:
    assert len(legal.noise_levels(brief(steps=8, lora="distilled"), checkpoint())) == 8
    assert legal.noise_levels(brief(steps=8), checkpoint()) == ()
    with pytest.raises(EngineFailed, match="cannot take 4"):
        legal.noise_levels(brief(steps=4, lora="distilled"), checkpoint())


@pytest.mark.parametrize("family", ["ltx2", "hunyuan15", "kandinsky5"])
def test_every_tier_is_legal_for_its_checkpoint(family: str) -> None:
    """Steps as distilled, LoRAs that there are, and no negative prompt where it has no effect."""
    found = [
        one
        for one in load.contracts("diffusion")
        if one.checkpoint and one.checkpoint.family == family
    ]
    assert found
    for one in found:
        assert one.checkpoint is not None
        for tier in one.checkpoint.tiers.values():
            asked = brief(steps=tier.steps, guidance=tier.guidance, lora=tier.lora)
            legal.noise_levels(asked, one.checkpoint)
        steered = any(tier.guidance > 1 for tier in one.checkpoint.tiers.values())
        assert ("negative_prompt" in one.features) == steered
