"""What a model made becomes the footage that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mutoscope.engines.base import Footage, Order
from mutoscope.engines.diffusion.brief import Made, Watch
from mutoscope.engines.diffusion.shot.project import Project


def finished(
    order: Order, project: Project, made: Sequence[Made], spent: dict[str, float], watch: Watch
) -> Footage:
    """The footage, below the order's folder."""
    import cv2

    from mutoscope.finish.formats import named
    from mutoscope.finish.frame import rgb_frame
    from mutoscope.finish.writers import writer

    shot, size = order.shot, project.size
    path = order.folder / f"film{shot.delivery.suffix}"
    frames = np.concatenate([one.frames for one in made])
    with writer(path, size, shot.fps, named(shot.delivery.format)) as film:
        for number in range(project.frames):
            watch.stage("finish", number / project.frames)
            source = min(round(number * project.model_fps / project.fps), len(frames) - 1)
            shown = cv2.resize(frames[source], (size.width, size.height))
            film.write(rgb_frame(np.ascontiguousarray(shown)))
    return Footage(
        path,
        project.frames,
        project.instructions,
        project.notes,
        spent,
        format=shot.delivery.format,
    )
