"""The door of a model with open weights: what it is asked, it has a device's process make."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mutoscope import models
from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.catalog.model import Contract
from mutoscope.catalog.rules import listed
from mutoscope.config import EngineAccount, Gpu, Settings
from mutoscope.engines.base import Operation, Order, Readiness, Status
from mutoscope.engines.diffusion.devices import devices
from mutoscope.engines.diffusion.fleet import Fleet
from mutoscope.engines.diffusion.sharing import let_go, shared_fleet
from mutoscope.engines.diffusion.worker.work import PREVIEW, Wanted, filmed
from mutoscope.engines.local import LocalEngine
from mutoscope.errors import Missing

if TYPE_CHECKING:
    from mutoscope.compute.base import Compute
    from mutoscope.shot import Shot

_FRESH = 30.0  # seconds for which it is believed that an engine is ready


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
        self._given = settings
        self.model = account.model if account is not None and account.model else name
        self.contract: Contract = load.contract(self.model, "diffusion")
        self._fleet: Fleet | None = None
        self._checked: tuple[float, Readiness] | None = None

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

    @cached_property
    def settings(self) -> Gpu:
        """How models run here: a server's, else those of the environment and the data folder. Raises
        BadInput for one that cannot be."""
        if self._given is not None:
            return self._given
        from mutoscope.configure import load as configured

        return configured()[0].gpu

    @property
    def checkpoint(self) -> Checkpoint:
        assert self.contract.checkpoint is not None
        return self.contract.checkpoint

    def folder(self) -> Path:
        """The checkpoint's folder. Raises Missing where it is not here, or may not be used yet."""
        if self._account is not None and self._account.folder != Path():
            return self._own(self._account.folder)
        if lacks := models.lacking(self.model):
            raise Missing(lacks)
        found = models.find(self.model)
        assert found is not None
        return found

    def _own(self, folder: Path) -> Path:
        """The account's folder. Its weights are the owner's affair, their licence is not."""
        from mutoscope.models import licences, pieces

        if not (folder / "model_index.json").is_file():
            raise Missing(
                f"engines.{self.name}.folder is {folder}, which has no model_index.json; name the "
                "folder of a checkpoint in diffusers' layout"
            )
        if lacks := licences.lacking(pieces.checkpoint(self.model)):
            raise Missing(lacks)
        return folder

    def check(self) -> Readiness:
        """Ready where the libraries, the checkpoint and a device with enough memory are here. That it was
        half a minute ago counts, so a server may ask at every request."""
        from mutoscope.engines.diffusion.readiness import readiness

        if self._checked is None or time.monotonic() >= self._checked[0] + _FRESH:
            found = readiness(self)
            self._checked = (time.monotonic(), found) if found.ready else None
            return found
        return self._checked[1]

    def lacking(self, shot: Shot) -> str:
        """What the shot's quality needs beside the checkpoint, where that is not here."""
        from mutoscope.engines.diffusion.shot.sizes import tier_of
        from mutoscope.models import pieces, state

        named = tier_of(self.checkpoint, shot.quality).lora
        if not named or not (lacks := state.lacking(pieces.lora(self.model, named))):
            return ""
        others: list[str] = [name for name, tier in self.checkpoint.tiers.items() if not tier.lora]
        also = f", or ask for the quality {listed(others)}" if others else ""
        return f"the quality {shot.quality} is made with a LoRA: {lacks}{also}"

    @property
    def devices(self) -> int:
        """How many films are made at a time: one on each device. A device that is not here is for `check` to
        say."""
        try:
            return len(devices(self.settings))
        except Missing:
            return 1

    @property
    def fleet(self) -> Fleet:
        """The devices' processes, which all engines with these settings share. Raises Missing."""
        if self._fleet is None or self._fleet.closed:
            self._fleet = shared_fleet(self.settings, self)
        return self._fleet

    @property
    def _compute(self) -> Fleet:  # type: ignore[override]
        return self.fleet

    def start(self, order: Order) -> Operation:
        """Begin beside the caller, on a device that has the model already, or that is free. Raises Missing."""
        from mutoscope.engines.diffusion.readiness import fitting

        ready = self.check()
        if not ready.ready:
            raise Missing(f"{self.name} cannot film here: {'; '.join(ready.reasons)}")
        if lacks := self.lacking(order.shot):
            raise Missing(f"{self.name} cannot film this here: {lacks}")
        wanted = Wanted(
            engine=self.name,
            model=self.model,
            folder=self.folder(),
            checkpoint=self.checkpoint,
            settings=self.settings,
        )
        job = self.fleet.film(filmed, order, wanted, fitting(self, order.shot))
        return Operation(self.name, {"job": job})

    def status(self, operation: Operation) -> Status:
        """What the work is at, how long it takes yet, and the latest picture of what there is."""
        said, job = super().status(operation), operation.detail["job"]
        if said.state != "running" or not self.fleet.known(job):
            return said
        preview = self.fleet.folder(job) / PREVIEW
        return replace(
            said, left=self.fleet.left(job), preview=preview if preview.is_file() else None
        )

    def close(self) -> None:
        """Let go of the devices; their processes end when no engine has them any more."""
        if self._fleet is not None:
            let_go(self._fleet, self)
            self._fleet = None
