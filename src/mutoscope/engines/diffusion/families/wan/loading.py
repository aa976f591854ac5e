"""A checkpoint's folder read into a pipeline, and other pipelines over the same parts."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.errors import EngineFailed

#: Parts that lose too much in 16 bits: colours band, and the image's embedding drifts.
FLOAT32 = ("vae", "image_encoder")


def loaded(
    folder: Path,
    checkpoint: Checkpoint,
    place: Place,
    shared: Mapping[str, Any],
    classes: tuple[Any, ...],
) -> Any:
    """The pipeline on the CPU, in `place.dtype` but for FLOAT32; `shared` are parts that are here already.
    Raises EngineFailed for a folder whose pipeline is none of `classes`, and for options: Wan has none."""
    if checkpoint.options:
        raise EngineFailed(f"a Wan model has no option {min(checkpoint.options)!r}; take it away")
    kinds = {"default": getattr(torch, place.dtype)} | dict.fromkeys(FLOAT32, torch.float32)
    pipe: Any = DiffusionPipeline.from_pretrained(
        folder, dtype=kinds, local_files_only=True, **shared
    )
    if not isinstance(pipe, classes):
        takes = " or ".join(one.__name__ for one in classes)
        raise EngineFailed(f"{folder} holds a {type(pipe).__name__}; this model is a {takes}")
    pipe.set_progress_bar_config(disable=True)
    return pipe


def over(pipe: Any, kind: Any, **parts: Any) -> Any:
    """A pipeline of another kind over the same parts, `parts` in their stead: a few references, made anew
    for each film, so that a film leaves nothing behind. `from_pipe` is not for this: it turns the
    shared weights to float32."""
    takes = set(inspect.signature(kind).parameters)
    settings = {name: value for name, value in pipe.config.items() if not name.startswith("_")}
    given = settings | pipe.components | parts
    made: Any = kind(**{name: value for name, value in given.items() if name in takes})
    made.set_progress_bar_config(disable=True)
    return made
