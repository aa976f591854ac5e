# mypy: ignore-errors
"""A film by DepthFlow, run by its own Python (see benchmarks.depthflow); nothing here is imported by us.

PYTHON depthflow_film.py PHOTO DEPTH OUT.mp4 WIDTH HEIGHT FPS FRAMES OFFSET
"""

import os
import sys
import time

os.environ["WINDOW_BACKEND"] = "headless"

from depthflow.scene import DepthScene


class Truck(DepthScene):
    """The camera goes sideways by `reach` while the film lasts."""

    reach = 0.0

    def update(self):
        self.state.isometric = (
            1.0  # the still itself where the camera stands still, not a magnified one
        )
        self.state.offset = (self.reach * self.tau, 0.0)


def main(photo, depth, out, width, height, fps, frames, offset):
    scene = Truck(backend="headless")
    scene.reach = float(offset)
    scene.input(image=photo, depth=depth)
    scene.ffmpeg.h264(preset="veryfast", crf=18)
    begin = time.perf_counter()
    scene.main(
        output=out, width=int(width), height=int(height), fps=float(fps),
        time=int(frames) / float(fps), ssaa=1.0,
    )  # fmt: skip
    print("SECONDS", time.perf_counter() - begin)


if __name__ == "__main__":
    main(*sys.argv[1:])
