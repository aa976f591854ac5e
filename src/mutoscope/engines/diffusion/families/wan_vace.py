"""Wan VACE: pictures at any frame, frames to go on from, references, and a film made anew in part.

All of it is one film with one mask for the model: what is black in the mask is kept, what is white is made.
Frames that are not given are grey under white, as the makers had them in training; so is the part of a
film that is made anew. References stand before the film in the latents, and are dropped after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from diffusers import WanVACEPipeline
from PIL import Image

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Frames, Made, Mask, Rgb, Watch
from mutoscope.engines.diffusion.families import lora
from mutoscope.engines.diffusion.families.wan.able import checked
from mutoscope.engines.diffusion.families.wan.filming import Words, encoded, filmed
from mutoscope.engines.diffusion.families.wan.loading import loaded
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.shot import Size

#: Grey is exactly between the VAE's black and white; 128 of 255 would be a little above.
GREY = 0.5
#: Half of how wide what is made fades into what is kept, as a part of the frame's short side.
FADE = 1 / 128

Floats = npt.NDArray[np.float32]


class WanVace:
    """See `engines.diffusion.family.Family`."""

    def load(
        self, folder: Path, checkpoint: Checkpoint, place: Place, shared: dict[str, Any]
    ) -> Any:
        return loaded(folder, checkpoint, place, shared, (WanVACEPipeline,))

    def encode(self, pipe: Any, prompt: str, negative: str) -> dict[str, Any]:
        """The words' embeddings, for `film`."""
        return encoded(pipe, prompt, negative)

    def wear(self, pipe: Any, name: str, files: Mapping[str, Path]) -> None:
        """Lay a LoRA over the model, or take it off; see `lora.wear`."""
        lora.wear(pipe, name, files)

    def film(
        self,
        pipe: Any,
        brief: Brief,
        checkpoint: Checkpoint,
        watch: Watch,
        words: Words | None = None,
    ) -> Made:
        """What the brief says. Without a mask a `video` is made anew as a whole, from the noise that its
        strength leaves; with one only where the mask is white, and the rest of it is kept to the pixel."""
        checked(pipe, brief, checkpoint, beyond(brief))
        references = [on_white(one, brief.size) for one in brief.references]
        asked: dict[str, Any] = {}
        if (told := given(brief)) is not None:
            asked["video"], asked["mask"] = (_batch(one) for one in told)
        if references:
            # the pipeline sets each before those that came earlier; the makers had them in order
            asked["reference_images"] = [Image.fromarray(one) for one in reversed(references)]
        strength, notes = held(brief)
        asked["conditioning_scale"] = strength
        # where nothing of the film shows under the mask, it begins with noise alone
        covered = brief.mask is not None and brief.strength >= 1
        start = replace(brief, video=None, mask=None) if covered else brief
        frames = filmed(
            pipe, WanVACEPipeline, start, checkpoint, watch, words, asked,
            references,
        )  # fmt: skip
        if brief.video is not None and brief.mask is not None:
            frames = kept(frames, brief.video, brief.mask)
        return Made(frames, notes=notes)


def beyond(brief: Brief) -> Iterator[str]:
    """Why VACE cannot be given this brief; each goes on from its name."""
    lead = 0 if brief.lead is None else len(brief.lead)
    places = [keyframe.frame for keyframe in brief.keyframes]
    if len(set(places)) < len(places) or any(place < lead for place in places):
        yield "was given two pictures for one frame"
    if any(not 0 <= place < brief.frames for place in places):
        yield f"was given a picture outside of its {brief.frames} frames"
    if lead >= brief.frames:
        yield f"was given {lead} frames to go on from, and makes {brief.frames} in all"
    latent = (brief.frames - 1) // 4 + 1
    if len(brief.references) > latent:
        # the mask of the references is cut from that of the film, and comes out too short
        yield f"takes at most {latent} references for {brief.frames} frames"
    if brief.mask is not None and brief.video is None:
        yield "was given a mask and no film that it is of"


def given(brief: Brief) -> tuple[Floats, Floats] | None:
    """The film N×H×W×3 and the mask N×H×W×1 that the model is given, 0..1; None where it is given none."""
    whole = (brief.frames, brief.size.height, brief.size.width)
    film = np.full((*whole, 3), GREY, np.float32)
    mask = np.ones((*whole, 1), np.float32)
    if brief.video is not None and brief.mask is not None:
        mask[..., 0] = brief.mask > 127
        film[:] = np.where(mask > 0, GREY, brief.video.astype(np.float32) / 255)
    if brief.lead is not None:
        film[: len(brief.lead)], mask[: len(brief.lead)] = brief.lead.astype(np.float32) / 255, 0
    for keyframe in brief.keyframes:
        film[keyframe.frame], mask[keyframe.frame] = keyframe.image.astype(np.float32) / 255, 0
    return None if mask.all() else (film, mask)


def held(brief: Brief) -> tuple[float, tuple[str, ...]]:
    """How strongly the model is held to what it is given, and what there is to say of it."""
    strengths = {keyframe.strength for keyframe in brief.keyframes}
    if not strengths or strengths == {1.0}:
        return 1.0, ()
    weakest = min(strengths)
    others = len(strengths) > 1 or bool(brief.references) or brief.lead is not None
    said = f"the strength {weakest:g} holds for everything that the model was given, not for one picture"
    return weakest, (said,) if others else ()


def on_white(picture: Rgb, size: Size) -> Rgb:
    """The whole picture in the frame, as large as it goes, with white around it: what the pipeline does
    too, but scaled down without aliasing."""
    high, wide = picture.shape[:2]
    scale = min(size.height / high, size.width / wide)
    new = (min(size.width, round(wide * scale)), min(size.height, round(high * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    canvas = np.full((size.height, size.width, 3), 255, np.uint8)
    top, left = (size.height - new[1]) // 2, (size.width - new[0]) // 2
    canvas[top : top + new[1], left : left + new[0]] = cv2.resize(picture, new, interpolation=way)
    return canvas


def kept(made: Frames, video: Frames, mask: Mask) -> Frames:
    """What was made where the mask is white, and the film's own pixels where it is black; between them a
    narrow fade on the kept side, where both show the same."""
    reach = max(1, round(min(made.shape[1:3]) * FADE))
    near = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    frames = np.empty_like(made)
    for number, (new, old, where) in enumerate(zip(made, video, mask, strict=True)):
        white = (where > 127).astype(np.float32)
        share = cv2.blur(cv2.dilate(white, near), near.shape)[..., None]
        frames[number] = (new * share + old * (1 - share) + 0.5).astype(np.uint8)
    return frames


def _batch(frames: Floats) -> torch.Tensor:
    """1×N×C×H×W, as the pipeline takes a film with values between those of whole pixels."""
    return torch.from_numpy(frames).permute(0, 3, 1, 2)[None].contiguous()


FAMILY = WanVace()
