"""The films that the stand-in vendor delivers: real MP4. `tiny.mp4` is `made(64, 36, 12, 24)`."""

from __future__ import annotations

import argparse
import functools
import io
from pathlib import Path

TINY = Path(__file__).with_name("tiny.mp4")


def film(options: argparse.Namespace, fields: dict[str, str]) -> bytes:
    """The file of a job: what `--film` names, as it was asked for where `--as-asked` is, else a tiny one."""
    if options.film is not None or not options.as_asked:
        file: Path = options.film or TINY
        return file.read_bytes()
    width, height = map(int, fields.get("size", "720x1280").split("x"))
    fps = round(float(fields.get("fps", 24)))
    return made(width, height, round(float(fields.get("seconds", 4)) * fps), fps)


@functools.lru_cache(maxsize=8)
def made(width: int, height: int, frames: int, fps: int) -> bytes:
    """An H.264 film of a grey that grows lighter."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for count in range(frames):
            grey = np.full((height, width, 3), 40 + 150 * count // frames, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey)))
        container.mux(stream.encode())
    return out.getvalue()
