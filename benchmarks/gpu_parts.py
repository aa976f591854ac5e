"""What is told of one model: its films, a block, its words, its VAE. Each adds its rows to the table."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from benchmarks.gpu_models import Spec, asked
from benchmarks.gpu_rows import Clock, Table, bytes_of
from benchmarks.gpu_sides import Sides, capability_of, dtype_of
from benchmarks.gpu_steps import Steps, caught, denoise, far, in_float32, timed


def films(sides: Sides, table: Table, clock: Clock) -> None:
    """Denoising, both ways by turns; the first of ours compiles, and is told apart."""
    model, device = sides.model, sides.device
    request = asked(model, device, dtype_of(device))

    def film() -> Steps:
        return denoise(sides.pipe, request, device)

    warm = sides.ours(film)
    plains: list[Steps] = [sides.plain(film)]
    ours: list[Steps] = []
    while len(ours) < model.rounds:
        ours.append(sides.ours(film))
        if len(plains) < len(ours) < model.rounds and clock.left() > 60:
            plains.append(sides.plain(film))
    fast, slow = (
        statistics.median(second for one in both for second in one.seconds)
        for both in (ours, plains)
    )
    where = f"{model.title}, {model.size.width}x{model.size.height}, {model.frames} frames"
    bar = "1.3 x" if model.name == "ti2v-5b" else ""
    table.add(f"{where}: a step", f"{fast:.3f} s", f"{slow:.3f} s", f"{slow / fast:.2f} x", bar)
    for tier, steps in _tiers(model).items():
        table.add(
            f"the same, {steps} steps: {tier} (computed)", f"{fast * steps:.1f} s",
            f"{slow * steps:.1f} s",
        )  # fmt: skip
    more = sum(warm.seconds) + warm.before - sum(ours[-1].seconds) - ours[-1].before
    table.add("the first film of that shape takes longer by", f"{max(0.0, more):.1f} s")
    table.add(
        "most memory of the device", bytes_of(max(one.peak for one in ours)),
        bytes_of(max(one.peak for one in plains)), "", "no higher",
    )  # fmt: skip
    table.figures[model.name] = {
        "ours": [one.seconds for one in ours], "plain": [one.seconds for one in plains],
        "first": warm.seconds, "first_before": warm.before,
        "clip": [
            second * model.steps + min(one.before for one in both)
            for second, both in ((fast, ours), (slow, plains))
        ],
        "peak": [max(one.peak for one in ours), max(one.peak for one in plains)],
    }  # fmt: skip


def _tiers(model: Spec) -> dict[str, int]:
    """The steps of each quality that is filmed at the size and with the guidance that were measured."""
    from mutoscope.catalog import load

    if not model.contract:
        return {"": model.steps}
    checkpoint = load.contract(model.contract, "diffusion").checkpoint
    assert checkpoint is not None
    return {
        str(name): tier.steps
        for name, tier in checkpoint.tiers.items()
        if not tier.area and tier.guidance == model.guidance
    }


def block(sides: Sides, table: Table) -> None:
    """One transformer block both ways, beside the same in float32; and each attention there is."""
    import torch

    from mutoscope.engines.diffusion.worker import attention

    model, device = sides.model, sides.device
    one, values, named = caught(sides.pipe, asked(model, device, dtype_of(device)))
    with torch.no_grad():
        true = in_float32(one, values, named)()
        slow, base = sides.plain(lambda: timed(lambda: one(*values, **named), device))
        fast, mine = sides.ours(lambda: timed(lambda: one(*values, **named), device))
        noise, error = far(base, true), far(mine, true)
        table.add(
            "one block", f"{1000 * fast:.2f} ms", f"{1000 * slow:.2f} ms", f"{slow / fast:.2f} x"
        )
        table.add(
            "its error, beside the same in float32", f"{error:.2e}", f"{noise:.2e}",
            f"{error / noise:.2f}" if noise else "", "no more than bfloat16's own",
        )  # fmt: skip
        table.add("its distance to the plain one", f"{far(mine, base):.2e}", f"{noise:.2e}")
        processor = next(layer.processor for _, layer, _ in attention._layers(one))
        kept = processor._attention_backend
        for name in attention.candidates(capability_of(device)):
            call = attention.Call(device, str(dtype_of(device)).removeprefix("torch."), 128)
            why = "" if name == "native" else attention._why_not(name, call)
            if why:
                table.notes.append(f"attention {name}: not here ({why})")
                continue
            processor._attention_backend = attention._backend(name)
            spent, _ = timed(lambda: one(*values, **named), device)
            table.add(f"one block uncompiled, self-attention {name}", f"{1000 * spent:.2f} ms")
        processor._attention_backend = kept
        _fused(one, values, named, sides, table)


def _fused(one: Any, values: Any, named: Any, sides: Sides, table: Table) -> None:
    """Queries, keys and values in one product: measured, not used (it keeps their weights twice)."""
    layer: Any = getattr(one, "attn1", None)
    if not hasattr(layer, "fuse_projections"):
        return
    before, base = timed(lambda: one(*values, **named), sides.device)
    layer.fuse_projections()
    after, fused = timed(lambda: one(*values, **named), sides.device)
    layer.unfuse_projections()
    table.add(
        "one block uncompiled, queries, keys and values fused (not used)", f"{1000 * after:.2f} ms",
        f"{1000 * before:.2f} ms", f"{before / after:.2f} x", f"distance {far(fused, base):.1e}",
    )  # fmt: skip


def decoding(sides: Sides, table: Table) -> None:
    """The VAE: as it is used, and, for the first model, ways that are not. Then the whole clip."""
    import torch

    pipe, model, device = sides.pipe, sides.model, sides.device
    vae = pipe.vae
    wan = model.family == "wan"
    time_, space = (
        (pipe.vae_scale_factor_temporal, pipe.vae_scale_factor_spatial)
        if wan
        else (pipe.vae_temporal_compression_ratio, pipe.vae_spatial_compression_ratio)
    )
    shape = (
        1, vae.config.z_dim if wan else vae.config.latent_channels,
        (model.frames - 1) // time_ + 1, model.size.height // space, model.size.width // space,
    )  # fmt: skip
    latents = torch.randn(shape, generator=torch.Generator().manual_seed(3)).to(device)
    used = vae.dtype

    def decode(kind: Any) -> Callable[[], Any]:
        return lambda: vae.decode(latents.to(kind), return_dict=False)[0]

    with torch.no_grad():
        slow, base = sides.plain(lambda: timed(decode(used), device, 1))
        ours, mine = sides.ours(lambda: timed(decode(used), device, 1, False))
        table.add(
            f"decoding {model.frames} frames", f"{ours:.2f} s", f"{slow:.2f} s",
            f"{slow / ours:.2f} x", f"distance {far(mine, base):.1e}",
        )  # fmt: skip
        mine_, plain_ = table.figures[model.name]["clip"]
        mine_, plain_ = mine_ + ours, plain_ + slow
        table.add(
            f"{model.title}: a clip of {model.frames} frames in {model.steps} steps, decoded, its "
            "words read (computed)",
            f"{mine_:.1f} s", f"{plain_:.1f} s", f"{plain_ / mine_:.2f} x",
        )  # fmt: skip
        if not model.expand_timesteps:
            return
        for what, kind in (
            ("the same, channels last (not used)", torch.float32),
            ("the same, in bfloat16 too (not used)", torch.bfloat16),
        ):
            vae.to(kind)
            _laid_out(vae, torch.channels_last_3d)
            spent, out = timed(decode(kind), device, 1)
            table.add(
                what, f"{spent:.2f} s", f"{slow:.2f} s", f"{slow / spent:.2f} x",
                f"distance {far(out, base):.1e}",
            )  # fmt: skip
        vae.to(used)
        _laid_out(vae, torch.contiguous_format)


def _laid_out(vae: Any, layout: Any) -> None:
    """The weights of its convolutions in space and time, in another order in memory."""
    for weight in vae.parameters():
        if weight.dim() == 5:
            weight.data = weight.data.to(memory_format=layout)


def reading(sides: Sides, table: Table) -> None:
    """What a film is spared whose words were read before."""
    import torch

    if sides.pipe.text_encoder is None:
        return
    with torch.no_grad():
        spent, _ = timed(
            lambda: sides.pipe.encode_prompt("slow push in on the cup", "a cat", device=sides.device),
            sides.device,
        )  # fmt: skip
    table.add("reading the words, spared by those read before", f"{spent:.3f} s", kind="own")
