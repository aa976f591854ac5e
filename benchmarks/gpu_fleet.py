"""Two films through a device's own process: how long until the first step, cold and resident."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu_models import Spec, built
from benchmarks.gpu_rows import Table

BAR = 2.0  # seconds


def second_job(model: Spec, device: str, dtype: Any, table: Table) -> None:
    """A checkpoint of the model's shape is written to disk, and filmed with three times: the second shot
    has other words, the third the same again."""
    import torch

    folder = Path(tempfile.mkdtemp(prefix="mutoscope-gpu-"))
    try:
        begun = time.perf_counter()
        pipe = built(model, device, dtype)
        pipe.save_pretrained(folder / "checkpoint")
        del pipe
        if device.startswith("cuda"):
            torch.cuda.empty_cache()
        print(f"  written in {time.perf_counter() - begun:.1f} s", flush=True)
        prompts = ("slow push in on the cup", "pan right on the sea", "pan right on the sea")
        spent = _filmed(folder, prompts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, one in zip(("first", "second", "third"), spent, strict=True):
        told = ", ".join(f"{key} {value:.2f}" for key, value in one.items())
        print(f"  the {name} film: {told}", flush=True)
    cold, second, third = (one["first_step"] for one in spent)
    table.figures["fleet"] = spent
    table.add(
        "a second job on a resident model, other words: until its first step", f"{second:.2f} s",
        f"{cold:.2f} s cold", f"{cold / second:.1f} x", f"{BAR:.0f} s", kind="own",
    )  # fmt: skip
    table.add(
        "a third one, the words read before", f"{third:.2f} s", f"{cold:.2f} s cold",
        f"{cold / third:.1f} x", f"{BAR:.0f} s", kind="own",
    )  # fmt: skip


def _filmed(folder: Path, prompts: tuple[str, ...]) -> list[dict[str, float]]:
    """Seconds spent on each, `first_step` from the hand-over until its first step, the wait for the
    device's process included."""
    from mutoscope.config import EngineAccount, Gpu
    from mutoscope.engines.diffusion.engine import DiffusionEngine
    from mutoscope.engines.run import run
    from mutoscope.shot import Quality, Shot, Size
    from mutoscope.steps import directed, ordered

    account = EngineAccount(kind="diffusion", model="wan2.2-ti2v-5b", folder=folder / "checkpoint")
    engine = DiffusionEngine("benchmark", account, Gpu())
    found = []
    try:
        for place, prompt in enumerate(prompts):
            shot = Shot(prompt=prompt, size=Size(256, 256), seconds=0.5, quality=Quality.DRAFT)
            target = folder / str(place)
            target.mkdir()
            order = ordered(shot, directed(shot), target, {}, {})
            begun = time.perf_counter()
            footage = run(engine, order, lambda stage, done: None, lambda: False)
            whole = time.perf_counter() - begun
            spent = dict(footage.seconds_spent)
            # What the process does not see itself: that it was started, and imported its libraries.
            known = sum(spent.get(name, 0.0) for name in ("load", "film", "finish"))
            spent["start"] = max(0.0, whole - known)
            spent["first_step"] += spent["start"]
            found.append(spent)
    finally:
        engine.close()
    return found
