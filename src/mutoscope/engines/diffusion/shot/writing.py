"""A shot said in a model's terms."""

from __future__ import annotations

import numpy as np

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.base import Order, Still
from mutoscope.engines.diffusion.brief import Brief, Keyframe, Made, Rgb
from mutoscope.engines.diffusion.shot.project import Project
from mutoscope.shot import Size


def written(order: Order, checkpoint: Checkpoint, engine: str) -> Project:
    """The project of an order. Raises BadShot for what the model cannot be asked at all."""
    shot = order.shot
    size = nearest(shot.size, checkpoint)
    frames = int(checkpoint.frames.nearest(shot.seconds * checkpoint.fps + 1))
    tier = checkpoint.tiers[shot.quality.value]
    pictures = tuple(Keyframe(0, picture(still, size)) for still in order.stills.values())

    def brief(place: int, before: Made | None) -> Brief:
        return Brief(
            prompt=shot.prompt, negative=shot.negative_prompt or checkpoint.negative, size=size,
            frames=frames, fps=checkpoint.fps, seed=shot.seed, steps=tier.steps,
            guidance=tier.guidance, keyframes=pictures,
        )  # fmt: skip

    return Project(1, brief, shot.size, shot.frames, shot.fps, size, checkpoint.fps)


def nearest(size: Size, checkpoint: Checkpoint) -> Size:
    """The legal size of the checkpoint's area nearest to the shot's shape."""
    sides = checkpoint.sides
    scale = min(1.0, (checkpoint.area / (size.width * size.height)) ** 0.5)
    width, height = (
        max(sides.a, round(side * scale / sides.a) * sides.a) for side in (size.width, size.height)
    )
    return Size(width, height)


def picture(still: Still, size: Size) -> Rgb:
    """The still in the model's frame."""
    import cv2

    from mutoscope.images.decode import open_photo
    from mutoscope.images.fit import fitted

    rgb = fitted(open_photo(still.original), still.plan)[0]
    return np.asarray(
        cv2.resize(rgb, (size.width, size.height), interpolation=cv2.INTER_AREA), np.uint8
    )
