"""What a Wan checkpoint can be given, told from its parts; what it cannot is refused before it films.

Asked for what they cannot, the pipelines mostly say nothing: TI2V-5B films as if there were no last
picture, sides and frames are rounded, a second guidance is dropped. Hence every field is looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.families.lora import worn
from mutoscope.errors import EngineFailed


@dataclass(frozen=True, slots=True)
class Able:
    """`first`: a picture to begin with; `last`: one to end with, beside it; `both`: never one alone;
    `words`: no picture at all."""

    first: bool
    last: bool
    both: bool
    words: bool


def able(pipe: Any) -> Able:
    """What the parts can: the first latent frame is given as it is (`expand_timesteps`), or pictures
    come in further channels beside the latents' own, and by CLIP where there is an image encoder."""
    inner = pipe.transformer.config
    if pipe.config.get("expand_timesteps"):
        return Able(first=True, last=False, both=False, words=True)
    beside = inner.in_channels > pipe.vae.config.z_dim
    pair = getattr(inner, "pos_embed_seq_len", None) is not None  # CLIP sees two pictures, always
    clip = getattr(inner, "image_dim", None) is not None
    return Able(first=beside, last=beside and (pair or not clip), both=pair, words=not beside)


def checked(pipe: Any, brief: Brief, checkpoint: Checkpoint, more: Iterable[str]) -> None:
    """Raises EngineFailed, with the first of `reasons` and `more`, where there is one. That parts cannot
    take the pictures that the contract promises is mostly another model's checkpoint in its folder."""
    name = checkpoint.repository.rpartition("/")[2]
    if brief.lora and brief.lora not in checkpoint.loras:
        raise EngineFailed(f"{name} has no LoRA {brief.lora!r}")
    for reason in chain(reasons(pipe, brief), more):
        foreign = reason.startswith(("cannot be given a picture to", "needs a picture to"))
        hint = "; is another model's checkpoint in its folder?" if foreign else ""
        raise EngineFailed(f"{name} {reason}{hint}")


def reasons(pipe: Any, brief: Brief) -> Iterator[str]:
    """Why any Wan pipeline would make something else than it is told; each goes on from its name."""
    rate = pipe.vae.config.scale_factor_temporal
    if brief.frames % rate != 1 or brief.frames < rate:
        yield f"makes {rate}·k + 1 frames, and was asked for {brief.frames}"
    side = pipe.vae.config.scale_factor_spatial * pipe.transformer.config.patch_size[1]
    if brief.size.width % side or brief.size.height % side:
        yield f"makes frames with sides that are multiples of {side}, and was asked for {brief.size}"
    wanted = (brief.size.height, brief.size.width)
    for keyframe in brief.keyframes:
        if keyframe.image.shape[:2] != wanted:
            yield f"was given a picture of another size than the film's, {brief.size}"
    for given in (brief.lead, brief.video, brief.mask):
        if given is not None and given.shape[1:3] != wanted:
            yield f"was given a film of another size than its own, {brief.size}"
    for given in (brief.video, brief.mask):
        if given is not None and len(given) != brief.frames:
            yield f"was given a film of {len(given)} frames to make one of {brief.frames}"
    if brief.sound:
        yield "makes no sound"
    if brief.guidance_low is not None and pipe.config.get("boundary_ratio") is None:
        yield "has one expert only, and was given a guidance for a second"
    if brief.guidance <= 1 < (brief.guidance_low or 0):
        yield "would not guide its second expert when the first is not guided"
    if worn(pipe) != brief.lora:
        yield f"is asked for the LoRA {brief.lora!r} and has {worn(pipe)!r} laid over it"


def beyond(able: Able, brief: Brief) -> Iterator[str]:
    """Why a checkpoint that can `able` cannot be given this brief's pictures; as `reasons`."""
    last = brief.frames - 1
    places = {keyframe.frame for keyframe in brief.keyframes}
    if brief.references:
        yield "cannot be given reference pictures"
    if brief.mask is not None:
        yield "cannot make only a part of a film anew"
    if any(keyframe.strength != 1 for keyframe in brief.keyframes):
        yield "cannot be given a picture with a strength"
    if len(places) < len(brief.keyframes) or (brief.lead is not None and 0 in places):
        yield "was given two pictures for one frame"
    if brief.lead is not None:
        places |= {0}
    if between := sorted(places - {0, last}):
        yield f"cannot be given a picture at frame {between[0]}"
    if places and not able.first:
        yield "cannot be given a picture to begin with"
    if last in places and not able.last:
        yield "cannot be given a picture to end with"
    if last in places and 0 not in places:
        yield "cannot be given a picture to end with and none to begin with"
    if able.both and last not in places:
        yield "needs a picture to end with"
    if not places and not able.words:
        yield "needs a picture to begin with"
