"""The parts of a loaded pipeline, brought onto a device and off it; see `engines/diffusion/placing.py`.

What is not on the device comes there when it is called, and makes room for itself: the part before it in
the pipeline's own order leaves. So it needs no pipeline's help, and serves every pipeline on the same parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from mutoscope.engines.diffusion.worker import memory
from mutoscope.engines.diffusion.worker.place import Place

#: Of main memory, what weights that are pinned must leave free.
_MAIN_SPARE = 6 << 30


def modules(pipe: Any) -> dict[str, Any]:
    """The parts with weights, in the order in which they work."""
    import torch

    found = {name: one for name, one in pipe.components.items() if isinstance(one, torch.nn.Module)}
    order = [name for name in (getattr(pipe, "model_cpu_offload_seq", "") or "").split("->") if name in found]  # fmt: skip
    return {name: found[name] for name in dict.fromkeys((*order, *found))}


def denoisers(pipe: Any) -> dict[str, Any]:
    """Those that work in every step."""
    return {n: one for n, one in modules(pipe).items() if n.startswith(("transformer", "unet"))}


def staged(pipe: Any, place: Place) -> None:
    """Bring the pipeline's parts where `place` says. What was off the device by its layers must be loaded
    anew before it can be anything else."""
    import torch

    from mutoscope.engines.diffusion.worker.turns import in_turn

    device = torch.device(place.device)
    parts = modules(pipe)
    _unhooked(parts)
    if place.offload == "none":
        for one in parts.values():
            one.to(device)
        return
    if place.offload == "words":
        reading = {name: one for name, one in parts.items() if name.startswith("text_encoder")}
        in_turn(reading.values(), device)
        for name, one in parts.items():
            if name not in reading:
                one.to(device)
        return
    by_layers = {}
    if place.offload == "layers":  # what reads the words may be larger than the device, too
        by_layers = denoisers(pipe) | {
            n: one for n, one in parts.items() if n.startswith("text_encoder")
        }
    in_turn((one for name, one in parts.items() if name not in by_layers), device)
    for name, one in by_layers.items():
        one.to("cpu")
        _by_layers(one, device, leaves=name.startswith("text_encoder"))


def unstaged(pipe: Any, but: Collection[int] = ()) -> None:
    """Every part in main memory, and nothing left on it that would move it; but for those whose `id` is
    named, which others need where they are."""
    parts = {name: one for name, one in modules(pipe).items() if id(one) not in but}
    _unhooked(parts)
    for one in parts.values():
        one.to("cpu")


@contextmanager
def reading(pipe: Any, place: Place) -> Iterator[None]:
    """While words are read: where the text encoder has no room beside the other parts they leave for that
    long, and it leaves when it is done."""
    if place.offload != "words":
        yield
        return
    from mutoscope.engines.diffusion.worker.turns import leave

    parts = modules(pipe)
    readers = {name: one for name, one in parts.items() if name.startswith("text_encoder")}
    needs = int(memory.weight(readers.values()) * 1.1)
    left = []
    for one in sorted(
        (one for name, one in parts.items() if name not in readers),
        key=lambda one: -memory.weight([one]),
    ):
        if memory.free(place.device) >= needs:
            break
        one.to("cpu")
        left.append(one)
        memory.give_back()
    try:
        yield
    finally:
        for one in readers.values():
            leave(one)
        memory.give_back()
        for one in left:
            one.to(place.device)


def tiled(pipe: Any, on: bool) -> bool:
    """Decode in tiles, or whole; whether the pipeline's decoder can."""
    vae = getattr(pipe, "vae", None)
    wanted = "enable_tiling" if on else "disable_tiling"
    if vae is None or not hasattr(vae, wanted):
        return False
    getattr(vae, wanted)()
    for name in ("enable_slicing", "disable_slicing"):
        if name.startswith(wanted.partition("_")[0]) and hasattr(vae, name):
            getattr(vae, name)()
    return True


def _unhooked(parts: dict[str, Any]) -> None:
    from accelerate.hooks import remove_hook_from_module

    from mutoscope.engines.diffusion.worker.turns import leave

    for one in parts.values():
        if hasattr(one, "_hf_hook"):
            leave(one)
            remove_hook_from_module(one, recurse=True)


def _by_layers(one: Any, device: Any, leaves: bool) -> None:
    """Have the layers come one after the other: a model's blocks, or the smallest there are (`leaves`) where the
    blocks are not the model's own children, as a text encoder's."""
    import torch
    from diffusers.hooks import apply_group_offloading

    apart = {"offload_type": "leaf_level"} if leaves else {"offload_type": "block_level", "num_blocks_per_group": 1}  # fmt: skip
    ahead = device.type == "cuda"
    pinned = memory.free("cpu") > memory.pinned(one) + _MAIN_SPARE
    apply_group_offloading(
        one, onload_device=device, offload_device=torch.device("cpu"), use_stream=ahead,
        # else a second copy of all weights is made, and kept where it cannot be swapped out
        low_cpu_mem_usage=ahead and not pinned, **apart,
    )  # fmt: skip
