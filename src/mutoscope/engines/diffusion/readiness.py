"""Whether a model can be used on this machine, and why not."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from mutoscope.engines.base import Readiness
from mutoscope.errors import Missing

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.engine import DiffusionEngine

LIBRARIES = ("torch", "diffusers", "transformers", "accelerate")
INSTALL = 'pip install "mutoscope[gpu]"'


def readiness(engine: DiffusionEngine) -> Readiness:
    """Reasons are sentences, each with its mend."""
    reasons = []
    if lacking := [name for name in LIBRARIES if find_spec(name) is None]:
        reasons.append(f"{', '.join(lacking)} not installed here; {INSTALL}")
    try:
        engine.folder()
    except Missing as error:
        reasons.append(error.message)
    return Readiness(ready=not reasons, reasons=tuple(reasons))
