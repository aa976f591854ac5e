"""What a GPU makes of the models that run here: `python -m benchmarks.gpu`, one call, within ten minutes.

Models of the real shapes with random weights (nothing is downloaded), filmed by plain diffusers and as this
program has them filmed: the same steps, dtype and size, in turn, in one process. `--tiny` runs the same way
anywhere, and its figures mean nothing.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.gpu_models import Spec, asked, built, spec
from benchmarks.gpu_rows import Table, bytes_of
from benchmarks.gpu_steps import Steps, caught, denoise, far, in_float32, timed

#: What is measured, in this order, and the seconds that each needs on an H200, about (nobody has timed
#: them): with fewer left it is left out.
PARTS = {"ti2v-5b": 180, "fleet": 110, "ltx-2": 80, "i2v-a14b": 150}
HERE = "small"  # and what is measured on a CPU, where it is asked for


class Clock:
    """What is left of the minutes that were given."""

    def __init__(self, minutes: float) -> None:
        self._end = time.perf_counter() + 60 * minutes

    def left(self) -> float:
        return self._end - time.perf_counter()


class Sides:
    """One pipeline, as diffusers has it and as we have it, by turns."""

    def __init__(self, pipe: Any, model: Spec, device: str, compiled: str) -> None:
        from mutoscope.config import Gpu
        from mutoscope.engines.diffusion.worker import speed
        from mutoscope.engines.diffusion.worker.place import Place

        self.pipe, self.model, self.device = pipe, model, device
        self._settings = Gpu(compile=compiled)  # type: ignore[arg-type]
        self.precision = _precision()
        self.notes = speed.prepared(
            pipe, SimpleNamespace(settings=self._settings), Place(device, "bfloat16")
        )

    def plain(self, work: Callable[[], Any]) -> Any:
        """Done as diffusers has it."""
        import torch

        from mutoscope.engines.diffusion.worker import attention
        from mutoscope.engines.diffusion.worker.caches import transformers

        kept = [
            (layer.processor, layer.processor._attention_backend)
            for part in transformers(self.pipe)
            for _, layer, _ in attention._layers(part)
        ]
        ours = _precision()
        for processor, _ in kept:
            processor._attention_backend = None
        torch.set_float32_matmul_precision(self.precision)
        try:
            return work()
        finally:
            torch.set_float32_matmul_precision(ours)
            for processor, backend in kept:
                processor._attention_backend = backend

    def ours(self, work: Callable[[], Any]) -> Any:
        """Done as we have it."""
        from mutoscope.engines.diffusion.worker import speed

        checkpoint: Any = None
        with speed.for_brief(self.pipe, self.model.brief(), checkpoint) as said:
            out = work()
        for note in said:
            print(f"  {note}", flush=True)
        return out

    def close(self) -> None:
        from mutoscope.engines.diffusion.worker import speed

        speed.restored(self.pipe)


def films(sides: Sides, table: Table, clock: Clock) -> None:
    """Denoising, both ways by turns; the first of ours compiles, and is told apart."""
    model, device = sides.model, sides.device
    request = asked(model, device, _dtype(device))

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
    whole = model.steps
    table.add(
        f"the same, {whole} steps (computed)", f"{fast * whole:.1f} s", f"{slow * whole:.1f} s"
    )
    more = sum(warm.seconds) + warm.before - sum(ours[-1].seconds) - ours[-1].before
    table.add("the first film of that shape takes longer by", f"{max(0.0, more):.1f} s")
    table.add(
        "most memory of the device", bytes_of(max(one.peak for one in ours)),
        bytes_of(max(one.peak for one in plains)), "", "no higher",
    )  # fmt: skip
    table.figures[model.name] = {
        "ours": [one.seconds for one in ours], "plain": [one.seconds for one in plains],
        "first": warm.seconds, "first_before": warm.before,
        "peak": [max(one.peak for one in ours), max(one.peak for one in plains)],
    }  # fmt: skip


def block(sides: Sides, table: Table) -> None:
    """One transformer block both ways, beside the same in float32; and each attention there is."""
    import torch

    from mutoscope.engines.diffusion.worker import attention

    model, device = sides.model, sides.device
    one, values, named = caught(sides.pipe, asked(model, device, _dtype(device)))
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
        for name in attention.candidates(_capability(device)):
            call = attention.Call(device, str(_dtype(device)).removeprefix("torch."), 128)
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
    """The VAE: as it is used, and ways that are not."""
    import torch

    pipe, model, device = sides.pipe, sides.model, sides.device
    vae = pipe.vae
    time_, space = pipe.vae_scale_factor_temporal, pipe.vae_scale_factor_spatial
    shape = (
        1, vae.config.z_dim, (model.frames - 1) // time_ + 1,
        model.size.height // space, model.size.width // space,
    )  # fmt: skip
    latents = torch.randn(shape, generator=torch.Generator().manual_seed(3)).to(device, vae.dtype)

    def decode(kind: Any) -> Callable[[], Any]:
        return lambda: vae.decode(latents.to(kind), return_dict=False)[0]

    with torch.no_grad():
        slow, base = sides.plain(lambda: timed(decode(torch.float32), device, 1))
        ours, mine = sides.ours(lambda: timed(decode(torch.float32), device, 1, False))
        table.add(
            f"decoding {model.frames} frames", f"{ours:.2f} s", f"{slow:.2f} s",
            f"{slow / ours:.2f} x", f"distance {far(mine, base):.1e}",
        )  # fmt: skip
        if device == "cpu":
            return
        vae.to(memory_format=torch.channels_last_3d)
        spent, out = timed(decode(torch.float32), device, 1)
        table.add(
            "the same, channels last (not used)", f"{spent:.2f} s", f"{slow:.2f} s",
            f"{slow / spent:.2f} x", f"distance {far(out, base):.1e}",
        )  # fmt: skip
        vae.to(torch.bfloat16)
        spent, out = timed(decode(torch.bfloat16), device, 1)
        table.add(
            "the same, in bfloat16 too (not used)", f"{spent:.2f} s", f"{slow:.2f} s",
            f"{slow / spent:.2f} x", f"distance {far(out, base):.1e}",
        )  # fmt: skip
        vae.to(torch.float32, memory_format=torch.contiguous_format)


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


def measure(name: str, tiny: bool, device: str, compiled: str, table: Table, clock: Clock) -> None:
    model = spec(name, tiny)
    begun = time.perf_counter()
    pipe = built(model, device, _dtype(device))
    pipe.set_progress_bar_config(disable=True)
    weights = sum(part.numel() for part in pipe.transformer.parameters())
    print(f"{model.title}: {weights / 1e9:.2f} G weights a transformer, drawn in "
          f"{time.perf_counter() - begun:.1f} s", flush=True)  # fmt: skip
    sides = Sides(pipe, model, device, compiled)
    table.notes += [f"{model.title}: {note}" for note in sides.notes]
    try:
        films(sides, table, clock)
        if model.family == "wan" and model.experts == 1:
            for part, seconds in ((block, 45), (reading, 15), (decoding, 60)):
                if clock.left() < (0 if tiny else seconds):
                    table.left_out.append(f"{model.title}: {part.__name__}: no time left")
                else:
                    part(sides, table)
    finally:
        sides.close()
        del sides, pipe
        _freed(device)


def main(arguments: list[str]) -> int:
    """Measure, print the table, write it to `--out`; the exit code is how many parts failed."""
    asking = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    asking.add_argument("--tiny", action="store_true", help="toy shapes, on whatever is here")
    asking.add_argument("--minutes", type=float, default=9.0)
    asking.add_argument("--models", default="", help=f"some of {', '.join(PARTS)}, {HERE}")
    asking.add_argument("--compile", default="on", choices=("auto", "on", "off"))
    asking.add_argument("--out", type=Path, default=Path("benchmarks/out"))
    wanted = asking.parse_args(arguments)
    _quiet()
    import torch

    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not (wanted.tiny or wanted.models):
        print("there is no GPU here; --tiny runs the same way on the CPU")
        return 1
    names = [name for name in wanted.models.split(",") if name] or [*PARTS]
    compiled = (
        "off" if wanted.tiny and device == "cpu" and wanted.compile == "on" else wanted.compile
    )
    clock, table, failed = Clock(wanted.minutes), Table(), 0
    table.head = _machine(device)
    for name in names:
        needs = 0 if wanted.tiny else PARTS.get(name, 0)
        if clock.left() < needs:
            table.left_out.append(f"{name}: {clock.left():.0f} s left, it needs {needs}")
            continue
        try:
            if name == "fleet":
                from benchmarks.gpu_fleet import second_job

                second_job(spec("ti2v-5b", wanted.tiny), device, _dtype(device), table)
            else:
                measure(name, wanted.tiny, device, compiled, table, clock)
        except Exception as error:  # one part's failure costs that part alone
            failed += 1
            table.left_out.append(f"{name}: failed: {type(error).__name__}: {error}"[:400])
            print(table.left_out[-1], flush=True)
            _freed(device)
        table.write(wanted.out)
    if wanted.tiny:
        table.notes.append("toy shapes: these figures mean nothing")
    table.write(wanted.out)
    print("\n" + table.markdown())
    return failed


def _machine(device: str) -> dict[str, str]:
    from importlib.metadata import version

    import torch

    name = torch.cuda.get_device_name() if device != "cpu" else f"{os.cpu_count()} cores, CPU"
    parts = ("torch", "diffusers", "transformers")
    return {
        "on": name, "Python": platform.python_version(), "cuda": str(torch.version.cuda),
        **{part: version(part) for part in parts}, "dtype": str(_dtype(device)),
    }  # fmt: skip


def _dtype(device: str) -> Any:
    import torch

    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def _capability(device: str) -> tuple[int, int]:
    import torch

    return torch.cuda.get_device_capability() if device.startswith("cuda") else (0, 0)


def _precision() -> str:
    import torch

    return str(torch.get_float32_matmul_precision())


def _freed(device: str) -> None:
    import torch

    gc.collect()
    torch.compiler.reset()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def _quiet() -> None:
    warnings.simplefilter("ignore")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
