"""A finished film written again in another format: for engines that deliver one kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import av

from mutoscope.engines.base import Footage
from mutoscope.errors import Cancelled
from mutoscope.finish.footage import shape
from mutoscope.finish.formats import named
from mutoscope.finish.pixels import plain
from mutoscope.finish.writers import writer
from mutoscope.shot import Delivery, Size
from mutoscope.sound.mux import carried


def transcoded(
    footage: Footage, delivery: Delivery, progress: Callable[[float], None],
    cancel: Callable[[], bool] = lambda: False,
) -> Footage:  # fmt: skip
    """The footage in the delivery's format, beside it. What it cannot have (a matte, passes) is said.
    Raises CannotWrite, Cancelled between frames."""
    made = shape(footage.path)
    form = named(delivery.format)
    out = footage.path.with_name(f"delivered{delivery.suffix}")
    with writer(out, Size(made.width, made.height), made.rate, form) as film:
        with av.open(str(footage.path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for frame in container.decode(video=0):
                if cancel():
                    raise Cancelled("the film was stopped")
                progress(film.frames / made.frames)
                film.write(plain(frame))
        count = film.frames
    carried(footage.path, out, delivery.format)
    step = form.step(made.rate)
    return replace(
        footage, path=out, format=delivery.format, frames=-(-count // step),
        fps=float(made.rate / step),
    )  # fmt: skip
