"""What is timed: a film's denoising steps, one block, the VAE, the words."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mutoscope.engines.diffusion.worker.caches import transformers


@dataclass
class Steps:
    """Seconds of each denoising step, and the most memory taken."""

    seconds: list[float]
    before: float  # until the first pass of the model
    peak: int  # bytes; 0 where they are not counted


def settled(device: str) -> None:
    """Wait until the device has done what it was given."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.synchronize()


def denoise(pipe: Any, asked: dict[str, Any], device: str) -> Steps:
    """One film, up to its latents."""
    import torch

    begun = time.perf_counter()
    marks: list[float] = []

    def first(module: Any, values: Any) -> None:
        if not marks:
            settled(device)
            marks.append(time.perf_counter())

    def stepped(pipe: Any, step: int, at: Any, values: dict[str, Any]) -> dict[str, Any]:
        settled(device)
        marks.append(time.perf_counter())
        return values

    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
    hooks = [part.register_forward_pre_hook(first) for part in transformers(pipe)]
    try:
        with torch.no_grad():
            pipe(
                **asked, generator=torch.Generator("cpu").manual_seed(1),
                callback_on_step_end=stepped,
            )  # fmt: skip
    finally:
        for hook in hooks:
            hook.remove()
    peak = torch.cuda.max_memory_allocated() if device.startswith("cuda") else 0
    between = [after - before for before, after in pairwise(marks)]
    return Steps(between, marks[0] - begun, peak)


def timed(
    work: Callable[[], Any], device: str, times: int = 3, warm: bool = True
) -> tuple[float, Any]:
    """Median seconds of `work`, after one run to `warm` up, and what it gave at last."""
    out = work() if warm else None
    spent = []
    for _ in range(times):
        settled(device)
        begun = time.perf_counter()
        out = work()
        settled(device)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent), out


def caught(pipe: Any, asked: dict[str, Any]) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The first block, and what the pipeline calls it with."""
    import torch

    class Enough(Exception):
        pass

    transformer = transformers(pipe)[0]
    kinds = transformer._repeated_blocks
    block = next(part for part in transformer.modules() if type(part).__name__ == kinds[0])
    found: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def take(module: Any, values: tuple[Any, ...], named: dict[str, Any]) -> None:
        found.append((values, named))
        raise Enough

    hook = block.register_forward_pre_hook(take, with_kwargs=True)
    try:
        with torch.no_grad():
            pipe(**asked)
    except Enough:
        pass
    finally:
        hook.remove()
    return block, *found[0]


def in_float32(
    block: Any, values: tuple[Any, ...], named: dict[str, Any]
) -> Callable[[], Any]:  # fmt: skip
    """The same block's call with everything in float32, by PyTorch's own attention."""
    import torch

    from mutoscope.engines.diffusion.worker import attention

    exact = copy.deepcopy(block).float()
    attention.plain(exact)  # the implementation that was chosen may take 16 bits alone
    exact.__dict__.pop("forward", None)  # a copy of a compiled block would call the block itself

    def wider(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.is_floating_point():
            return value.float()
        return type(value)(map(wider, value)) if isinstance(value, tuple | list) else value

    wide = tuple(map(wider, values))
    more = {key: wider(value) for key, value in named.items()}
    return lambda: exact(*wide, **more)


def far(out: Any, true: Any) -> float:
    """‖out − true‖ / ‖true‖ of a block's first output."""
    out, true = (value[0] if isinstance(value, tuple) else value for value in (out, true))
    return float((out.float() - true.float()).norm() / true.float().norm())
