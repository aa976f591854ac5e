"""Models that stay in this process from one order to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mutoscope.engines.diffusion.brief import Brief, Made, Watch
from mutoscope.engines.diffusion.family import Family, family
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.engines.diffusion.worker.work import Wanted

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.shot.project import Project


@dataclass
class Model:
    """A loaded model on its device."""

    wanted: Wanted
    family: Family
    pipe: Any

    def film(self, brief: Brief, watch: Watch) -> Made:
        return self.family.film(self.pipe, brief, self.wanted.checkpoint, watch)


_models: dict[str, Model] = {}


@contextmanager
def resident(wanted: Wanted, project: Project, watch: Watch) -> Iterator[Model]:
    """The model, loaded where it is not here yet, and ready on its device."""
    import torch

    key = str(wanted.folder)
    if key not in _models:
        watch.stage("load")
        adapter = family(wanted.checkpoint.family)
        place = (
            Place("cuda:0", "bfloat16") if torch.cuda.is_available() else Place("cpu", "float32")
        )
        pipe = adapter.load(wanted.folder, wanted.checkpoint, place, {})
        pipe.to(place.device)
        _models[key] = Model(wanted, adapter, pipe)
    yield _models[key]
