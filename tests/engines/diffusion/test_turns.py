"""Parts that take turns on a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("accelerate")

from mutoscope.engines.diffusion.worker import turns  # noqa: E402

pytestmark = pytest.mark.torch

#: Every copy that is carried from one place to another.
carried: list[str] = []


@dataclass
class Data:
    device: Any

    def to(self, device: Any, non_blocking: bool) -> Data:
        carried.append(f"to {device.type}")
        return Data(device)

    def cpu(self) -> Data:
        carried.append("back")
        return Data(torch.device("cpu"))


class Weight:
    """One number of a part, on a device that this machine need not have."""

    def __init__(self, device: str = "cpu") -> None:
        self.data = Data(torch.device(device))

    @property
    def device(self) -> Any:
        return self.data.device


def part(*weights: Weight) -> Any:
    module = torch.nn.Identity()
    module.own = weights
    return module


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_weights", lambda module: module.own)
    carried.clear()


def test_one_comes_when_it_is_called_and_the_one_before_it_leaves() -> None:
    first, second = Weight(), Weight()
    one, other = part(first), part(second)
    turns.in_turn([one, other], torch.device("cuda:0"))
    assert (first.device.type, second.device.type) == ("cpu", "cpu")
    assert one(7) == 7
    assert (first.device.type, second.device.type) == ("cuda", "cpu")
    other(7)
    assert (first.device.type, second.device.type) == ("cpu", "cuda")


def test_leaving_carries_nothing() -> None:
    weight = Weight()
    before = weight.data
    module = part(weight)
    turns.in_turn([module], torch.device("cuda:0"))
    module(1)
    module(1)  # it is there already
    turns.leave(module)
    turns.leave(module)
    assert weight.data is before
    assert carried == ["to cuda"]


def test_what_was_made_on_the_device_since_comes_along() -> None:
    old, new = Weight(), Weight("cuda:0")
    module = part(old)
    turns.in_turn([module], torch.device("cuda:0"))
    module(1)
    module.own = (old, new)
    turns.leave(module)
    assert (old.device.type, new.device.type) == ("cpu", "cpu")
    assert carried == ["to cuda", "back"]


def test_pipelines_find_the_device_that_it_works_on() -> None:
    module = part(Weight())
    turns.in_turn([module], torch.device("cuda:0"))
    assert module._hf_hook.execution_device == torch.device("cuda:0")
