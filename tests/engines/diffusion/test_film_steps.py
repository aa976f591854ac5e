"""What a pipeline's steps tell, without a pipeline."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines.diffusion.briefs_made import Looker
from mutoscope.engines.diffusion.brief import Rgb
from mutoscope.errors import Cancelled, EngineFailed

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:::(torch|diffusers|transformers)"),
]


def test_a_preview_is_the_film_that_the_steps_are_aimed_at_without_its_noise() -> None:
    from mutoscope.engines.diffusion.families.steps import Steps

    aim, noise = torch.full((1, 2), 3.0), torch.tensor([[-1.0, 8.0]])
    levels = torch.tensor([1.0, 0.7, 0.4, 0.0])
    seen: list[Any] = []

    def shown(latents: Any) -> Rgb:
        seen.append(latents)
        return np.zeros((1, 1, 3), np.uint8)

    pipe, steps = (
        SimpleNamespace(scheduler=SimpleNamespace(sigmas=levels)),
        Steps(Looker(), 3, shown),
    )
    for step in range(3):
        left = float(levels[step + 1])
        steps(pipe, step, None, {"latents": (1 - left) * aim + left * noise})
    assert not torch.allclose(seen[0], aim)  # one point is no line yet
    assert torch.allclose(seen[1], aim, atol=1e-5)
    assert torch.allclose(seen[2], aim, atol=1e-5)


def test_latents_that_a_pipeline_changes_in_place_are_kept_as_they_were() -> None:
    from mutoscope.engines.diffusion.families.steps import Steps

    aim, noise = torch.tensor([2.0]), torch.tensor([-5.0])
    levels, latents = torch.tensor([1.0, 0.6, 0.3]), torch.zeros(1)
    seen: list[Any] = []

    def shown(clean: Any) -> Rgb:
        seen.append(clean)
        return np.zeros((1, 1, 3), np.uint8)

    steps = Steps(Looker(), 2, shown)
    for step in range(2):
        left = levels[step + 1]
        latents[:] = (1 - left) * aim + left * noise
        steps.done(step, latents, levels)
    assert torch.allclose(seen[1], aim, atol=1e-5)


@pytest.mark.parametrize("given_up", [True, False])
def test_a_pipeline_has_its_own_parts_again_however_a_film_ends(given_up: bool) -> None:
    from mutoscope.engines.diffusion.families.steps import with_parts

    freed: list[int] = []
    pipe = SimpleNamespace(scheduler="own", maybe_free_model_hooks=lambda: freed.append(1))
    try:
        with with_parts(pipe, scheduler="other"):
            assert pipe.scheduler == "other"
            if given_up:
                raise Cancelled("stopped")
    except Cancelled:
        pass
    assert pipe.scheduler == "own"
    assert bool(freed) == given_up  # a film that is done has seen to it itself


def test_a_hook_is_taken_off_though_it_raised() -> None:
    from mutoscope.engines.diffusion.families.steps import hooked

    layer = torch.nn.Identity()

    def stop(told: dict[str, Any], output: Any) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled), hooked(layer, stop):
        layer(torch.zeros(1))
    assert float(layer(torch.ones(1))) == 1


def test_frames_are_exact_to_the_level_in_bfloat16_too() -> None:
    from mutoscope.engines.diffusion.families.steps import frames

    levels = torch.arange(256, dtype=torch.float32).repeat(20, 3, 1, 1) / 255
    assert np.array_equal(frames(levels)[:, 0, :, 0], np.tile(np.arange(256), (20, 1)))
    off = frames(levels.bfloat16()).astype(int)[0, 0, :, 0] - np.arange(256)
    assert abs(off).max() <= 1
    assert abs(off.mean()) < 0.1  # no lean to one side


@pytest.mark.parametrize("at", [0, 19])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_film_without_numbers_is_an_error(at: int, value: float) -> None:
    from mutoscope.engines.diffusion.families.steps import frames

    film = torch.zeros(20, 3, 2, 2)
    film[at, 1, 0, 1] = value
    with pytest.raises(EngineFailed, match="no picture in its film"):
        frames(film)
