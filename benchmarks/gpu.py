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
import signal
import sys
import time
import warnings
from pathlib import Path

from benchmarks.gpu_models import built, spec
from benchmarks.gpu_parts import block, decoding, films, reading
from benchmarks.gpu_rows import Clock, Table
from benchmarks.gpu_sides import Sides, dtype_of

#: What is measured, in this order, and the seconds that each needs on an H200, about (nobody has timed
#: them): with fewer left it is left out.
PARTS = {"ti2v-5b": 180, "fleet": 110, "ltx-2": 80, "i2v-a14b": 150}
GRACE = 30.0  # seconds beyond the minutes, for a part that was begun in time
HERE = "small"  # and what is measured on a CPU, where it is asked for


def measure(name: str, tiny: bool, device: str, compiled: str, table: Table, clock: Clock) -> None:
    model = spec(name, tiny)
    begun = time.perf_counter()
    pipe = built(model, device, dtype_of(device))
    pipe.set_progress_bar_config(disable=True)
    weights = sum(part.numel() for part in pipe.transformer.parameters())
    print(f"{model.title}: {weights / 1e9:.2f} G weights a transformer, drawn in "
          f"{time.perf_counter() - begun:.1f} s", flush=True)  # fmt: skip
    sides = Sides(pipe, model, device, compiled)
    table.notes += [f"{model.title}: {note}" for note in sides.notes]
    try:
        films(sides, table, clock)
        parts = ((block, 45), (reading, 15), (decoding, 60)) if model.expand_timesteps else (
            (decoding, 20),
        )  # fmt: skip
        for part, seconds in parts:
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
    asking.add_argument("--compile", default="auto", choices=("auto", "on", "off"))
    asking.add_argument("--out", type=Path, default=Path("benchmarks/out"))
    wanted = asking.parse_args(arguments)
    _quiet()
    import torch

    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not (wanted.tiny or wanted.models):
        print("there is no GPU here; --tiny runs the same way on the CPU")
        return 1
    names = [name for name in wanted.models.split(",") if name] or [*PARTS]
    clock, table, failed = Clock(wanted.minutes), Table(), 0
    _ends(wanted.minutes)
    table.head = _machine(device)
    for name in names:
        needs = 0 if wanted.tiny else PARTS.get(name, 0)
        if clock.left() <= 0 or clock.left() < needs:
            table.left_out.append(f"{name}: {clock.left():.0f} s left, it needs {needs}")
            continue
        try:
            if name == "fleet":
                from benchmarks.gpu_fleet import second_job

                second_job(spec("ti2v-5b", wanted.tiny), device, dtype_of(device), table)
            else:
                measure(name, wanted.tiny, device, wanted.compile, table, clock)
        except Exception as error:  # one part's failure costs that part alone
            failed += 1
            table.left_out.append(f"{name}: failed: {type(error).__name__}: {error}"[:400])
            print(table.left_out[-1], flush=True)
            _freed(device)
        table.write(wanted.out)
    signal.setitimer(signal.ITIMER_REAL, 0)
    if wanted.tiny:
        table.notes.append("toy shapes: these figures mean nothing")
    table.write(wanted.out)
    print("\n" + table.markdown())
    return failed


def _ends(minutes: float) -> None:
    """Have a part that takes far longer than it should, as where something hangs, fail half a minute after the
    minutes that were given: what was measured until then is told all the same."""

    def late(*_: object) -> None:
        raise TimeoutError(f"not done within {minutes:g} minutes")

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 60 * minutes + GRACE)


def _machine(device: str) -> dict[str, str]:
    from importlib.metadata import version

    import torch

    name = torch.cuda.get_device_name() if device != "cpu" else f"{os.cpu_count()} cores, CPU"
    parts = ("torch", "diffusers", "transformers")
    return {
        "on": name, "Python": platform.python_version(), "cuda": str(torch.version.cuda),
        **{part: version(part) for part in parts}, "dtype": str(dtype_of(device)),
    }  # fmt: skip


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
