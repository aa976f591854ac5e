"""The writer of a format: one door to all of them.

::

    with writer(path, Size(1280, 720), 24, named("webp"), alpha=True) as film:
        for frame, matte in frames:
            film.write(frame, matte)
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from mutoscope.finish.formats import Format
from mutoscope.shot import Size

if TYPE_CHECKING:
    import av
    import numpy as np
    import numpy.typing as npt

    Deep = npt.NDArray[np.uint16]


class Writer(Protocol):
    """A film being written; it is there whole when the block ends well, or not at all."""

    frames: int

    def write(self, frame: av.VideoFrame, alpha: Any = None) -> None: ...

    def write_grey(self, values: Deep) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...  # fmt: skip


def writer(
    path: Path, size: Size, fps: float | Fraction, form: Format, *,
    alpha: bool = False, grey: bool = False, finer: float = 0.0,
    grain: float = 0.0,
) -> Writer:  # fmt: skip
    """The writer of `form`, with transparency where `alpha`, of one plane where `grey`. `finer`: by so
    much the codec's crf is smaller, where it has one. `grain`: codes of it in
    the pictures. Raises BadShot for what the format cannot be."""
    coding = form.grey if grey and form.grey is not None else form.of(alpha)
    if coding.kind == "stills":
        from mutoscope.finish.stills import StillsWriter

        return StillsWriter(path, size, fps, coding, alpha=alpha)
    if coding.kind == "gif":
        from mutoscope.finish.gif import GifWriter

        return GifWriter(path, size, fps, coding, alpha=alpha)
    if coding.kind == "pillow":
        from mutoscope.finish.animated import AnimatedWriter

        return AnimatedWriter(path, size, fps, coding, alpha=alpha)
    from mutoscope.finish.encode import FilmWriter

    coding = coding.with_grain(grain) if grain else coding
    return FilmWriter(path, size, fps, coding.finer(finer) if finer else coding)
