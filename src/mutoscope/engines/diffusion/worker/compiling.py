"""A model's repeated blocks, compiled: once for a shape, kept on disk for the next process.

Only the blocks are (regional compilation): the first of them is compiled and the others, which are alike, use
that. What is compiled for one shape is good for that shape; films of the same size and length share it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.worker.caches import transformers
from mutoscope.storage import cache

#: What matrix products run at in bfloat16, attention included, by compute capability: operations a second.
#: Estimates (about half of the data sheets' dense rates), used for nothing but to tell short films from long.
RATES = (((10, 0), 8e14), ((9, 0), 4e14), ((8, 9), 1e14), ((8, 0), 1.5e14), ((0, 0), 5e13))

#: Seconds that a film must take to denoise before its blocks are compiled unasked. Compiling a shape takes
#: some ten seconds (9.6 s for FLUX on an H100, PyTorch's developer log of 2026-05-11) and saves about a
#: fifth (1.28-1.38 x, FastVideo's figures for Wan): a minute pays for it at once.
WORTH_SECONDS = 60.0

#: Shapes held at a time; with one more, all are let go. Disk gives them back.
MOST_SHAPES = 8


class Blocks:
    """The repeated blocks of a pipeline's transformers. While `on`, they run compiled; where compiling fails
    they run as they were, for good, and `failure` says why."""

    def __init__(self, pipe: Any, backend: str | Callable[..., Any] = "inductor") -> None:
        self.on = False
        self.failure = ""
        self._shapes: set[tuple[Any, ...]] = set()
        self._plain: list[tuple[Any, Any, Any]] = []
        for transformer in transformers(pipe):
            kinds = getattr(transformer, "_repeated_blocks", None) or ()
            for block in transformer.modules():
                if type(block).__name__ in kinds:
                    self._lay(block, backend)

    def __len__(self) -> int:
        return len(self._plain)

    def shape(self, key: tuple[Any, ...]) -> None:
        """A film of the shape that `key` stands for comes next."""
        import torch

        if key not in self._shapes and len(self._shapes) >= MOST_SHAPES:
            torch.compiler.reset()
            self._shapes.clear()
        self._shapes.add(key)

    def remove(self) -> None:
        """Take it off again: the blocks are as they were. Where something was laid over a block since (what
        moves layers to the GPU), that stays, and calls the block as it was."""
        self.on = False
        for block, plain, laid in self._plain:
            if block.__dict__.get("forward") is laid:
                block.forward = plain
        self._plain.clear()

    def _lay(self, block: Any, backend: str | Callable[..., Any]) -> None:
        import torch

        plain = block.forward
        fast = torch.compile(plain, backend=backend, dynamic=False)

        # The block's own forward, not the module's call: a step cache, which wraps it, then skips or runs
        # what is compiled, where it would else have the block run uncompiled.
        def forward(*values: Any, **named: Any) -> Any:
            if not self.on:
                return plain(*values, **named)
            try:
                return fast(*values, **named)
            except _failures() as error:
                self.on, self.failure = False, _first_line(error)
                return plain(*values, **named)

        block.forward = update_wrapper(forward, plain)
        self._plain.append((block, plain, block.forward))


def keep_on_disk() -> None:
    """Have compiled kernels kept in the user's cache, so that the next process need not make them. A folder
    that the environment names is left; PyTorch's own, among the temporary files, which it names there
    itself as soon as it is imported, is not."""
    from torch._inductor.runtime.cache_dir_utils import default_cache_dir

    folder = cache.folder("compiled")
    named = os.environ.get("TORCHINDUCTOR_CACHE_DIR")
    if folder is not None and (named is None or named == default_cache_dir()):
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")
        os.environ.setdefault("TRITON_CACHE_DIR", str(folder / "triton"))


def allow_shapes() -> None:
    """Let one block be compiled for as many shapes as are held: two experts, with and without the second
    pass, each in several dtypes of its inputs. PyTorch would stop at eight, and run the rest uncompiled."""
    from torch import _dynamo

    _dynamo.config.recompile_limit = max(_dynamo.config.recompile_limit, 8 * MOST_SHAPES)


def seconds(pipe: Any, brief: Brief, capability: tuple[int, int]) -> float:
    """About how long a film's denoising takes on a GPU of that capability, uncompiled: two operations for
    each weight and token, and four for each pair of tokens and channel of each block."""
    parts = transformers(pipe)
    if not parts:
        return 0.0
    transformer = parts[0]
    config = transformer.config
    tokens = _tokens(pipe, config, brief)
    weights = sum(part.numel() for part in transformer.parameters())
    width = config.get("num_attention_heads", 0) * config.get("attention_head_dim", 0)
    layers = config.get("num_layers", 0)
    once = 2.0 * weights * tokens + 4.0 * layers * width * tokens**2
    passes = brief.steps * (2 if brief.guidance > 1 else 1)
    return float(passes * once) / next(rate for least, rate in RATES if capability >= least)


def _tokens(pipe: Any, config: Any, brief: Brief) -> int:
    def scale(*names: str) -> int:
        return next((int(getattr(pipe, name)) for name in names if getattr(pipe, name, 0)), 1)

    space = scale("vae_scale_factor_spatial", "vae_spatial_compression_ratio")
    time = scale("vae_scale_factor_temporal", "vae_temporal_compression_ratio")
    patch = config.get("patch_size", 1)
    patch = patch if isinstance(patch, int) else patch[-1]
    high, wide = brief.size.height // (space * patch), brief.size.width // (space * patch)
    return int(((brief.frames - 1) // time + 1) * high * wide)


def shape_of(brief: Brief) -> tuple[Any, ...]:
    """What two briefs have in common that can use the same compiled blocks."""
    return (
        brief.size, brief.frames, brief.lora, bool(brief.keyframes), brief.lead is not None,
        len(brief.references), brief.video is not None, brief.sound,
    )  # fmt: skip


def _failures() -> tuple[type[BaseException], ...]:
    """What compiling raises, and nothing that the model itself does."""
    from torch._dynamo import exc
    from torch._inductor.exc import InductorError, InvalidCxxCompiler

    return (exc.TorchDynamoException, InductorError, InvalidCxxCompiler)


def _first_line(error: BaseException) -> str:
    """What went wrong, without which part of the compiler says so."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.endswith("raised:")]
    return (told or lines or [type(error).__name__])[0][:200].rstrip(".")
