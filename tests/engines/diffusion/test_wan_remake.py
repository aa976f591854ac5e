"""A film made anew keeps as much of the old one as its strength leaves, on every Wan checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from engines.diffusion.briefs_made import Looker, differ  # noqa: E402
from engines.diffusion.wan_made import brief, checkpoint, film, first, frames, loaded, pipe  # noqa: E402
from mutoscope.engines.diffusion.families.wan.latents import latents  # noqa: E402
from mutoscope.engines.diffusion.families.wan.schedule import schedule  # noqa: E402
from mutoscope.errors import EngineFailed  # noqa: E402

pytestmark = pytest.mark.torch

OLD = film(4, 9)


def test_it_is_what_the_makers_film_to_film_pipeline_makes() -> None:
    """To the bit where that pipeline can: without experts and without a first frame that is given."""
    model = pipe("t2v")
    told = brief(video=OLD, strength=0.5, steps=6, shift=3.0)
    way: Any = diffusers.WanVideoToVideoPipeline(
        tokenizer=model.tokenizer, text_encoder=model.text_encoder, vae=model.vae,
        transformer=model.transformer,
        scheduler=type(model.scheduler).from_config(model.scheduler.config, flow_shift=3.0),
    )  # fmt: skip
    way.set_progress_bar_config(disable=True)
    from PIL import Image

    theirs = way(
        video=[Image.fromarray(one) for one in OLD], prompt=told.prompt, negative_prompt=told.negative,
        height=32, width=32, num_inference_steps=6, guidance_scale=3.0, strength=0.5,
        generator=torch.Generator().manual_seed(told.seed), output_type="np",
    ).frames[0]  # fmt: skip
    ours = frames("t2v", told)
    assert np.array_equal((theirs.clip(0, 1) * 255 + 0.5).astype(np.uint8), ours)


@pytest.mark.parametrize("name", ["ti2v", "t2v", "vace"])
def test_the_weaker_it_is_the_more_of_the_film_is_left(name: str) -> None:
    """Beside the film as this VAE shows it: a tiny one shows little of any."""
    model = pipe(name)
    with torch.no_grad():
        known = latents(model.vae, OLD, "cpu")
        shown = model.vae.decode(
            known * torch.tensor(model.vae.config.latents_std).view(1, -1, 1, 1, 1)
            + torch.tensor(model.vae.config.latents_mean).view(1, -1, 1, 1, 1)
        ).sample[0]
    seen = ((shown / 2 + 0.5).clamp(0, 1) * 255 + 0.5).to(torch.uint8).permute(1, 2, 3, 0).numpy()
    weak, half, strong = (
        differ(seen, frames(name, brief(video=OLD, strength=strength, steps=10, shift=1.0)))
        for strength in (0.1, 0.5, 1.0)
    )
    assert weak < half < strong


@pytest.mark.parametrize("name", ["ti2v", "t2v", "vace"])
def test_another_film_makes_another(name: str) -> None:
    one, other = (frames(name, brief(video=video, strength=0.5)) for video in (OLD, film(5, 9)))
    assert differ(one, other) > 0
    assert np.array_equal(one, frames(name, brief(video=OLD, strength=0.5)))


def test_an_edited_first_picture_and_the_film_act_together() -> None:
    told = {"video": OLD, "strength": 0.6, "steps": 5}
    both = frames("ti2v", brief(keyframes=(first(9),), **told))
    assert differ(both, frames("ti2v", brief(**told))) > 0
    assert (
        differ(both, frames("ti2v", brief(keyframes=(first(9),), **told | {"video": film(5, 9)})))
        > 0
    )


def test_both_experts_take_part_in_a_film_made_anew() -> None:
    told = {"video": OLD, "steps": 5, "keyframes": (first(),), "guidance_low": 3.0}
    late = brief(strength=0.4, **told)  # below the border between the experts
    assert np.array_equal(frames("a14b", late), frames("a14b", brief(**_with(late, guidance=9.0))))
    assert differ(frames("a14b", late), frames("a14b", brief(**_with(late, guidance_low=9.0)))) > 0
    with pytest.raises(EngineFailed, match="needs a picture to begin with"):
        frames("a14b", brief(video=OLD, strength=0.5))


def _with(told: Any, **changes: Any) -> dict[str, Any]:
    return {name: getattr(told, name) for name in told.__slots__} | changes


@pytest.mark.parametrize(("strength", "steps"), [(1.0, 10), (0.5, 5), (0.29, 3), (0.0, 1)])
def test_as_many_steps_are_made_and_told_as_the_strength_leaves(
    strength: float, steps: int
) -> None:
    watch = Looker()
    frames("t2v", brief(video=OLD, strength=strength, steps=10), watch)
    assert [one for one in watch.told if isinstance(one, tuple)] == [
        (done, steps) for done in range(1, steps + 1)
    ]


def test_a_schedule_begins_at_its_first_level_whatever_the_shift() -> None:
    """Levels that a large shift gives the same whole number are not mistaken for one another."""
    made = schedule(pipe("t2v"), brief(shift=100.0, steps=30), checkpoint("t2v"))
    made.set_timesteps(30, device="cpu")
    assert made.timesteps[0] == made.timesteps[1]
    assert made.begin_index == 0
    assert pipe("t2v").scheduler.config.flow_shift == 5.0


def test_a_checkpoint_with_another_scheduler_films_and_is_made_anew_too() -> None:
    model = loaded("t2v")
    model.scheduler = diffusers.FlowMatchEulerDiscreteScheduler(shift=5.0)
    watch = Looker()
    told = {"video": OLD, "strength": 0.5, "steps": 4}
    one = frames("t2v", brief(**told), watch, pipe=model)
    assert (2, 2) in watch.told
    assert len(watch.seen) == 2  # the noisy latents: it keeps nothing better
    assert differ(one, frames("t2v", brief(shift=1.0, **told), pipe=model)) > 0
    assert differ(one, frames("t2v", brief(**told))) > 0
