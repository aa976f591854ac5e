"""Parts that take turns on a device: one comes when it is called, and the one before it leaves.

A part's weights stay in main memory while a copy of them is on the device. So leaving costs nothing, and
coming half of what it costs where everything is carried there and back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from accelerate.hooks import ModelHook, add_hook_to_module


class Turn(ModelHook):  # type: ignore[misc,unused-ignore]
    """One part's: `execution_device` is what pipelines ask for."""

    def __init__(self, module: Any, device: Any, before: Turn | None) -> None:
        super().__init__()
        self.execution_device = device
        self._module, self._before = module, before
        self._kept: list[
            tuple[Any, Any]
        ] = []  # each weight that is on the device, and what it is beside it

    @torch.compiler.disable  # type: ignore[untyped-decorator,unused-ignore]
    def pre_forward(self, module: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Be on the device."""
        if self._before is not None:
            self._before.leave()
        self.come()
        return args, kwargs

    def come(self) -> None:
        """Be there, whole."""
        for one in _weights(self._module):
            if one.device != self.execution_device:
                self._kept.append((one, one.data))
                one.data = one.data.to(self.execution_device, non_blocking=True)

    def leave(self) -> None:
        """Be in main memory alone; nothing is carried."""
        if not self._kept:
            return
        for one, beside in self._kept:
            one.data = beside
        self._kept.clear()
        for one in _weights(self._module):  # what was made on the device since
            if one.device.type != "cpu":
                one.data = one.data.cpu()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def in_turn(parts: Iterable[Any], device: Any) -> None:
    """Have the parts, which are in main memory, come one after the other when they are called."""
    before = None
    for one in parts:
        one.to("cpu")
        before = Turn(one, device, before)
        add_hook_to_module(one, before, append=True)


def leave(one: Any) -> None:
    """That part leaves, where it has turns."""
    hook = getattr(one, "_hf_hook", None)
    if isinstance(hook, Turn):
        hook.leave()
    else:
        one.to("cpu")


def _weights(module: Any) -> Iterable[Any]:
    yield from module.parameters()
    yield from module.buffers()
