"""The door of a model with open weights: what it is asked, it has a device's process make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from mutoscope import models
from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.catalog.model import Contract
from mutoscope.config import EngineAccount, Gpu, Settings
from mutoscope.engines.base import Operation, Order, Readiness
from mutoscope.engines.diffusion.fleet import Fleet, shared_fleet
from mutoscope.engines.diffusion.worker.work import Wanted, filmed
from mutoscope.engines.local import LocalEngine
from mutoscope.errors import Missing

if TYPE_CHECKING:
    from mutoscope.compute.base import Compute


class DiffusionEngine(LocalEngine):
    """An engine a model of the catalogue that has a checkpoint; `[engines.NAME]` of kind "diffusion" is
    one more, with the checkpoint in the account's `folder` and the contract of its `model`."""

    #: Its orders wait for a device, not for a render's slot.
    device = True

    def __init__(
        self, name: str, account: EngineAccount | None = None, settings: Gpu | None = None
    ) -> None:
        self.name = name
        self._account = account
        self._settings = settings or Gpu()
        model = account.model if account is not None and account.model else name
        self.contract: Contract = load.contract(model, "diffusion")
        self._model = model
        self._fleet: Fleet | None = None

    @staticmethod
    def models() -> tuple[str, ...]:
        """The models that the catalogue has."""
        return tuple(one.model for one in load.contracts("diffusion"))

    def under(self, settings: Settings) -> Self:
        """The same engine, going by a server's settings."""
        return type(self)(self.name, self._account, settings.gpu)

    def on(self, compute: Compute) -> Self:
        """The same engine: it has devices of its own, and leaves the renders' processes alone."""
        return self

    @property
    def checkpoint(self) -> Checkpoint:
        assert self.contract.checkpoint is not None
        return self.contract.checkpoint

    def folder(self) -> Path:
        """The checkpoint's folder. Raises Missing where it is not here, or may not be used yet."""
        if self._account is not None and self._account.folder != Path():
            return self._account.folder
        if lacks := models.lacking(self._model):
            raise Missing(lacks)
        found = models.find(self._model)
        assert found is not None
        return found

    def check(self) -> Readiness:
        """Ready where the libraries, the checkpoint and a device with enough memory are here."""
        from mutoscope.engines.diffusion.readiness import readiness

        return readiness(self)

    @property
    def _compute(self) -> Fleet:  # type: ignore[override]
        if self._fleet is None:
            self._fleet = shared_fleet(self._settings)
        return self._fleet

    def start(self, order: Order) -> Operation:
        """Begin beside the caller, on the device that is free or has the model already. Raises Missing."""
        ready = self.check()
        if not ready.ready:
            raise Missing(f"{self.name} cannot film here: {'; '.join(ready.reasons)}")
        wanted = Wanted(
            engine=self.name,
            model=self._model,
            folder=self.folder(),
            checkpoint=self.checkpoint,
            settings=self._settings,
        )
        return Operation(self.name, {"job": self._compute.film(filmed, order, wanted)})
