"""Flipbook, the embedded engine: a camera moves through the photograph itself, on the CPU."""

from __future__ import annotations

from mutoscope import weights
from mutoscope.compute.warm import Warm
from mutoscope.engines.base import Readiness
from mutoscope.engines.flipbook.work import filmed
from mutoscope.engines.local import LocalEngine

#: weights → what is less without them
_LESS = {
    "matte": "no subject layer: the whole picture moves as one sheet",
    "inpaint": "uncovered areas are filled by classical means",
    "interpolate": "motion between two pictures, and in slow motion, is found by optical flow alone",
}


#: What a film loads, the slowest first: imports, and kernels that were compiled before.
LOADED = (
    "numba",
    "av",
    "mutoscope.engines.flipbook.film",
    "mutoscope.engines.flipbook.taking.prepare",
    "mutoscope.engines.flipbook.taking.disparity",
    "mutoscope.engines.flipbook.taking.cutout",
    "mutoscope.engines.flipbook.disclosure",
    "mutoscope.engines.flipbook.camera.path",
    "mutoscope.engines.flipbook.rendering.render",
    "mutoscope.finish.encode",
)


class FlipbookEngine(LocalEngine):
    """The engine's door; the film itself is made in `film`."""

    name = "flipbook"
    layers = True
    work = filmed

    def check(self) -> Readiness:
        """Always ready; less able without its weights."""
        missing = [
            f"no {name} weights: {less} (mutoscope weights fetch {name})"
            for name, less in _LESS.items()
            if weights.find(name) is None
        ]
        return Readiness(ready=True, limits=tuple(missing))

    def warm(self) -> Warm:
        """Begin to load what a film needs, while the caller still looks at the picture."""
        return Warm(LOADED)
