"""Which implementation of attention a model uses: the fastest that works here, proven by a call.

Each candidate makes one small call with the model's own head size and dtype. It is taken where it is no
farther from the same call in float32 than twice what PyTorch's own is, so rounding is all that differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mutoscope.errors import EngineFailed

NATIVE = "native"  # torch.nn.functional.scaled_dot_product_attention, whatever that picks

#: From which compute capability on: the candidates by diffusers' names, fastest first. The order on 9.0 rests
#: on published figures (FlashAttention 3 1.28-1.37 x version 2; cuDNN near it), not on our own.
CANDIDATES: tuple[tuple[tuple[int, int], tuple[str, ...]], ...] = (
    ((12, 0), ("_native_cudnn", "flash", NATIVE)),
    ((10, 0), ("flash_4_hub", "_native_cudnn", "flash", NATIVE)),
    ((9, 0), ("_flash_3", "_flash_3_hub", "_native_cudnn", "flash", NATIVE)),
    ((8, 0), ("flash", "flash_hub", NATIVE)),
    ((0, 0), (NATIVE,)),
)

#: Those that take a mask.
MASKING = frozenset({NATIVE, "_native_cudnn", "_native_efficient", "_native_math", "flex"})

#: Whose numbers are rounded on purpose (8 bits): never chosen, only used where the setting names them.
COARSE = ("sage", "_sage_")

#: What the reason says of one that works and is wrong: that is news, where one that is not installed is none.
INEXACT = "its error is"

#: Which of a transformer's attention layers are given a mask, by their names; others are given none.
MASKED = {
    "LTX2VideoTransformer3DModel": r"attn2$",  # the words' padding
    "HunyuanVideo15Transformer3DModel": r"",  # all: words and picture attend together
}

#: Transformers that make their masks for one implementation alone.
LEFT_ALONE = frozenset({"Kandinsky5Transformer3DModel"})


@dataclass(frozen=True, slots=True)
class Call:
    """The kind of call that is to be made: a layer's head size, the dtype, whether with a mask."""

    device: str
    dtype: str
    head: int
    masked: bool = False


def chosen(call: Call, wanted: str, candidates: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The first candidate that is proven, and a sentence for each before it that is not. `wanted` is the
    setting: "auto", or the one to use. Raises EngineFailed where that one cannot be used."""
    if wanted != "auto":
        if call.masked and wanted not in MASKING:
            return NATIVE, ()
        why = _why_not(wanted, call)
        if why:
            raise EngineFailed(
                f"gpu.attention is {wanted!r}, which cannot be used here: {why}; "
                "auto takes the fastest that can"
            )
        return wanted, ()
    refused: list[str] = []
    for name in candidates:
        if call.masked and name not in MASKING:
            continue
        why = "" if name == NATIVE else _why_not(name, call)
        if not why:
            return name, tuple(refused)
        refused.append(f"attention {name} is not used: {why}")
    return NATIVE, tuple(refused)


def candidates(capability: tuple[int, int]) -> tuple[str, ...]:
    """In the order in which they are tried on a GPU of that compute capability."""
    return next(names for least, names in CANDIDATES if capability >= least)


def attend(transformer: Any, device: str, wanted: str, order: tuple[str, ...]) -> tuple[str, ...]:
    """Have each of a transformer's attention layers use the best of `order` that is proven for it; what
    was chosen, in sentences. Raises EngineFailed where `wanted` cannot be used."""
    kind = type(transformer).__name__
    if kind in LEFT_ALONE or not hasattr(transformer, "dtype"):
        return ()
    dtype = str(transformer.dtype).removeprefix("torch.")
    said: dict[str, None] = {}
    picked: dict[Call, str] = {}
    for name, layer, head in _layers(transformer):
        call = Call(device, dtype, head, _is_masked(kind, name))
        if call not in picked:
            picked[call], refused = chosen(call, wanted, order)
            said.update(dict.fromkeys(refused))
            said[f"attention: {picked[call]}{' where there is a mask' if call.masked else ''}"] = (
                None
            )
        # Not `set_attention_backend`: that sets it for every other model of the process, too.
        layer.processor._attention_backend = _backend(picked[call])
    return tuple(said)


def plain(transformer: Any) -> None:
    """Undo `attend`."""
    for _, layer, _ in _layers(transformer):
        layer.processor._attention_backend = None


def _is_masked(kind: str, layer: str) -> bool:
    return kind in MASKED and re.search(MASKED[kind], layer) is not None


def _layers(transformer: Any) -> list[tuple[str, Any, int]]:
    """Name, module and head size of every attention layer whose implementation can be chosen."""
    found = []
    for name, part in transformer.named_modules():
        if hasattr(getattr(part, "processor", None), "_attention_backend"):
            heads = getattr(part, "heads", 0) or getattr(part, "num_heads", 0)
            width = getattr(getattr(part, "to_q", None), "out_features", 0)
            if heads and width:
                found.append((name, part, width // heads))
    return found


def _backend(name: str) -> Any:
    from diffusers.models.attention_dispatch import AttentionBackendName

    return AttentionBackendName(name)


def _why_not(name: str, call: Call) -> str:
    """ "" where the call works and is exact enough; else why not, in words."""
    import torch
    from diffusers.models.attention_dispatch import attention_backend, dispatch_attention_fn
    from huggingface_hub.constants import HF_HUB_OFFLINE

    if name.endswith("_hub") and not HF_HUB_OFFLINE:
        return "it would be downloaded"
    kind = getattr(torch, call.dtype)
    dice = torch.Generator("cpu").manual_seed(0)
    # Batch, tokens, heads, head size: as many tokens as fill more than one tile, and not evenly.
    shapes = ((1, 331, 4, call.head), (1, 517, 4, call.head), (1, 517, 4, call.head))
    exact = [torch.randn(shape, generator=dice).to(call.device, kind) for shape in shapes]
    mask = None
    if call.masked:
        mask = (torch.arange(517) < 400).expand(1, 1, 331, 517).to(call.device)

    def made(backend: str, values: list[Any]) -> Any:
        with torch.no_grad(), attention_backend(backend):
            return dispatch_attention_fn(*values, attn_mask=mask).float()

    try:
        out = made(name, exact)
    except Exception as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        return lines[0][:200].rstrip(".")
    true = made("_native_math", [value.float() for value in exact])
    noise, error = _far(made(NATIVE, exact), true), _far(out, true)
    if name.startswith(COARSE):
        return "" if error < 0.1 else f"{INEXACT} {error:.1e}"
    if error <= 2 * noise + 1e-6:
        return ""
    return f"{INEXACT} {error:.1e}, where rounding makes {noise:.1e}"


def _far(out: Any, true: Any) -> float:
    """‖out − true‖ / ‖true‖; infinite where anything is not finite."""
    far = float((out - true).norm() / true.norm())
    return far if far == far else float("inf")
