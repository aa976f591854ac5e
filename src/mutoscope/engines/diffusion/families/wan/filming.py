"""One run of a pipeline: told step by step, seen while it goes, decoded to frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Frames, Rgb, Watch
from mutoscope.engines.diffusion.families.steps import frames
from mutoscope.engines.diffusion.families.wan.latents import begun, picture_latents
from mutoscope.engines.diffusion.families.wan.loading import over
from mutoscope.engines.diffusion.families.wan.schedule import schedule
from mutoscope.engines.diffusion.worker.preview import latent_map
from mutoscope.errors import EngineFailed

#: Tokens that the text encoder reads.
TOKENS = 512

Words = Mapping[str, Any]


def encoded(pipe: Any, prompt: str, negative: str) -> dict[str, torch.Tensor]:
    """The words as embeddings, under the names by which `filmed` takes them."""
    with torch.no_grad():
        words, against = pipe.encode_prompt(prompt, negative, True, max_sequence_length=TOKENS)
    return {"prompt_embeds": words, "negative_prompt_embeds": against}


def filmed(
    pipe: Any,
    kind: type,
    brief: Brief,
    checkpoint: Checkpoint,
    watch: Watch,
    words: Words | None,
    asked: Mapping[str, Any],
    before: Sequence[Rgb] = (),
) -> Frames:
    """A brief's frames by a pipeline of `kind` over the parts of `pipe`. `asked` are the arguments of that
    kind beside those that all have; `before` the pictures that it sets before the film's latents. A film
    of the brief's (`video`) is made anew from the noise that its strength leaves."""
    watch.stage("encode")
    scheduler = schedule(pipe, brief, checkpoint)
    # without a text encoder where the words are encoded already: it may be anywhere
    parts = {"scheduler": scheduler} | ({} if words is None else {"text_encoder": None})
    way = over(pipe, kind, **parts)
    generator = torch.Generator("cpu").manual_seed(brief.seed)
    given = dict(asked) | _words(brief, words)
    if brief.guidance_low is not None:
        given["guidance_scale_2"] = brief.guidance_low
    try:
        if brief.video is not None:
            given["latents"] = begun(way, brief.steps, brief.video, generator, before)
        with _decoding(pipe.vae, brief, watch):
            film = way(
                height=brief.size.height, width=brief.size.width, num_inference_steps=brief.steps,
                guidance_scale=brief.guidance, generator=generator, num_frames=brief.frames,
                output_type="pt", max_sequence_length=TOKENS,
                callback_on_step_end=_told(pipe, scheduler, watch, len(before)), **given,
            ).frames[0]  # fmt: skip
    finally:
        pipe.maybe_free_model_hooks()  # what was moved in for this film goes back, however it ended
        pipe.vae.clear_cache()  # given up midway, it keeps gigabytes of what it saw of the frames before
    if len(film) != brief.frames:
        raise EngineFailed(f"the model made {len(film)} frames instead of {brief.frames}")
    return frames(film)


def _words(brief: Brief, words: Words | None) -> dict[str, Any]:
    if words is None:
        return {"prompt": brief.prompt, "negative_prompt": brief.negative}
    names = (
        ("prompt_embeds",) if brief.guidance <= 1 else ("prompt_embeds", "negative_prompt_embeds")
    )
    return {name: words[name] for name in names}


def _told(pipe: Any, scheduler: Any, watch: Watch, skipped: int) -> Callable[..., dict[str, Any]]:
    """What the pipeline calls after each step."""

    def told(_: Any, step: int, __: Any, values: dict[str, Any]) -> dict[str, Any]:
        done, of = step + 1, len(scheduler.timesteps)
        watch.step(done, of, lambda: _seen(pipe, scheduler, values["latents"], skipped))
        if done == of:
            watch.stage("decode")
        return values

    return told


def _seen(pipe: Any, scheduler: Any, noisy: torch.Tensor, skipped: int) -> Rgb:
    """The film's middle as the model sees it so far: what the noise hides already, where the scheduler
    keeps that, and else the noisy latents."""
    outputs = getattr(scheduler, "model_outputs", None) or [None]
    seen = noisy if outputs[-1] is None else outputs[-1]
    middle = skipped + (seen.shape[2] - skipped) // 2
    picture = latent_map(pipe.vae, lambda one: picture_latents(pipe.vae, one, seen.device))
    return picture(seen[0, :, middle])


@contextmanager
def _decoding(vae: Any, brief: Brief, watch: Watch) -> Iterator[None]:
    """Tells how far the VAE is, a latent frame (of a tile) at a time; so a cancel is heard there too."""
    there = (brief.frames - 1) // vae.config.scale_factor_temporal + 1
    of, done = there * _tiles(vae, brief), 0

    def tell(*_: Any) -> None:
        nonlocal done
        watch.stage("decode", min(done / of, 1.0))
        done += 1

    hook = vae.decoder.register_forward_pre_hook(tell)
    try:
        yield
    finally:
        hook.remove()


def _tiles(vae: Any, brief: Brief) -> int:
    """In how many tiles a frame of the brief's is decoded."""
    wide, high = brief.size.width, brief.size.height
    whole = wide <= vae.tile_sample_min_width and high <= vae.tile_sample_min_height
    if not vae.use_tiling or whole:
        return 1
    across = -(-wide // vae.tile_sample_stride_width)
    return int(across * -(-high // vae.tile_sample_stride_height))
