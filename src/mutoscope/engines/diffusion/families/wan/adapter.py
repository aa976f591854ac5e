"""A Brief → the Wan pipeline that can make it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusers import WanImageToVideoPipeline, WanPipeline
from PIL import Image

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Made, Rgb, Watch
from mutoscope.engines.diffusion.families import lora
from mutoscope.engines.diffusion.families.wan.able import able, beyond, checked
from mutoscope.engines.diffusion.families.wan.filming import Words, encoded, filmed
from mutoscope.engines.diffusion.families.wan.loading import loaded
from mutoscope.engines.diffusion.worker.place import Place


class Wan:
    """See `engines.diffusion.family.Family`."""

    def load(
        self, folder: Path, checkpoint: Checkpoint, place: Place, shared: dict[str, Any]
    ) -> Any:
        return loaded(folder, checkpoint, place, shared, (WanPipeline, WanImageToVideoPipeline))

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
        """A film from the words alone, from a first picture, or from the first to the last."""
        checked(pipe, brief, checkpoint, beyond(able(pipe), brief))
        shown: dict[int, Rgb] = {one.frame: one.image for one in brief.keyframes}
        notes = []
        if brief.lead is not None:
            shown[0] = brief.lead[-1]
            if len(brief.lead) > 1:
                notes.append("the film goes on from the last frame of the one before alone")
        asked: dict[str, Any] = {}
        if shown:
            asked["image"] = Image.fromarray(shown[0])
            if brief.frames - 1 in shown:
                asked["last_image"] = Image.fromarray(shown[brief.frames - 1])
        kind = WanImageToVideoPipeline if shown else WanPipeline
        frames = filmed(pipe, kind, brief, checkpoint, watch, words, asked)
        return Made(frames, notes=tuple(notes))


FAMILY = Wan()
