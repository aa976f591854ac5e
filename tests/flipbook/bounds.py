"""Run with NUMBA_BOUNDSCHECK=1: draws small films from wild poses, with and without a field."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from film_scenes import rows_scene

from mutoscope.engines.flipbook.rendering.render import Renderer


class Waves:
    """A field as strong as none would be, over half the plate."""

    def __init__(self, height: int, width: int):
        rng = np.random.default_rng(0)
        self.nodes = rng.normal(0, 20, (-(-height // 4) + 1, -(-width // 4) + 1, 2))
        self.nodes[:, : self.nodes.shape[1] // 2] = 0

    def displacement(self, frame: int) -> npt.NDArray[np.float32]:
        return self.nodes.astype(np.float32)


class Everything(Waves):
    """The same, run in two pictures and worn by the subject."""

    def second(self, frame: int) -> npt.NDArray[np.float32]:
        share = np.abs(self.nodes[..., :1]) / 80
        return np.concatenate([self.nodes, share, share, share], axis=2).astype(np.float32)

    def worn(self, frame: int) -> npt.NDArray[np.float32]:
        return (2 * self.nodes).astype(np.float32)


def main() -> None:
    rng = np.random.default_rng(1)
    for width, height in ((64, 64), (66, 66), (80, 130), (322, 182)):
        scene = rows_scene(width, height)
        shape = scene.plate.shape[:2]
        for fields in ((), (Waves(*shape),), (Everything(*shape), Waves(*shape))):
            renderer = Renderer(scene, fields)
            for number in range(12):
                shift, turn = rng.normal(0, 0.3, 3), rng.normal(0, 0.2, 3)
                renderer.draw(np.r_[shift, turn, rng.uniform(0.5, 3)], number)
    print("all drawn")  # noqa: T201


if __name__ == "__main__":
    main()
