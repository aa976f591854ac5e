"""What the way through this program costs beside diffusers' own pipeline, on a CPU: the same small model
with random weights, the same steps, size and words, in turn in one process. `python -m benchmarks.gpu_spine`"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu import _quiet
from benchmarks.gpu_models import Spec, built, spec
from benchmarks.gpu_rows import Table
from mutoscope.engines.diffusion.brief import Brief

ROUNDS = 5
PROMPT = "slow push in on the cup"


def main() -> int:
    """Print the table."""
    os.environ.setdefault("MUTOSCOPE_CACHE", tempfile.mkdtemp(prefix="mutoscope-spine-"))
    _quiet()
    import torch

    table = Table()
    model = spec("small", False)
    with tempfile.TemporaryDirectory(prefix="mutoscope-spine-") as name:
        folder = Path(name)
        pipe = built(model, "cpu", torch.float32)
        weights = sum(part.numel() for part in pipe.transformer.parameters())
        print(f"{weights / 1e6:.0f} M weights in the transformer, {os.cpu_count()} cores")
        pipe.save_pretrained(folder / "checkpoint")
        _spine(folder, model, table)
    print("\n" + table.markdown())
    return 0


def _spine(folder: Path, model: Spec, table: Table) -> None:
    import msgspec
    from diffusers import WanPipeline

    from mutoscope.catalog import load
    from mutoscope.config import Gpu
    from mutoscope.engines.diffusion.shot.writing import written
    from mutoscope.engines.diffusion.worker.work import Wanted, filmed
    from mutoscope.shot import Quality, Shot, Size
    from mutoscope.steps import directed, ordered

    checkpoint = load.contract("wan2.2-ti2v-5b", "diffusion").checkpoint
    assert checkpoint is not None
    tier = msgspec.structs.replace(checkpoint.tiers["draft"], steps=model.steps, area=0, cache="")
    checkpoint = msgspec.structs.replace(
        checkpoint, area=model.size.width * model.size.height, shapes=(), tiers={"draft": tier}
    )
    wanted = Wanted(
        engine="benchmark", model="wan2.2-ti2v-5b", folder=folder / "checkpoint",
        checkpoint=checkpoint, settings=Gpu(preview_steps=4), device="cpu",
    )  # fmt: skip
    shot = Shot(
        prompt=PROMPT, size=Size(model.size.width, model.size.height), fps=24,
        seconds=model.frames / 24, quality=Quality.DRAFT, seed=1,
    )  # fmt: skip
    plain = WanPipeline.from_pretrained(wanted.folder)
    plain.set_progress_bar_config(disable=True)
    plains: list[float] = []
    ours: list[dict[str, float]] = []
    for place in range(ROUNDS + 1):
        target = folder / str(place)
        target.mkdir()
        order = ordered(shot, directed(shot), target, {}, {})
        begun = time.perf_counter()
        footage = filmed(order, wanted, lambda stage, done: None, lambda: False)
        ours.append(dict(footage.seconds_spent) | {"whole": time.perf_counter() - begun})
        plains.append(_plain(plain, written(order, checkpoint, "benchmark").brief(0, None)))
    slow = statistics.median(plains[1:])
    film, whole = (statistics.median(one[key] for one in ours[1:]) for key in ("film", "whole"))
    for what, spent in (
        ("a film by the model, its frames in memory", film),
        ("and with the shot read and the file written", whole),
    ):
        table.add(
            what, f"{spent:.2f} s", f"{slow:.2f} s", f"{spent / slow:.3f} of plain", kind="own"
        )


def _plain(pipe: Any, brief: Brief) -> float:
    """Seconds for the same by diffusers' own pipeline."""
    import torch

    begun = time.perf_counter()
    pipe(
        prompt=brief.prompt, negative_prompt=brief.negative, height=brief.size.height,
        width=brief.size.width, num_frames=brief.frames, num_inference_steps=brief.steps,
        guidance_scale=brief.guidance, generator=torch.Generator("cpu").manual_seed(brief.seed),
        output_type="np",
    )  # fmt: skip
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
