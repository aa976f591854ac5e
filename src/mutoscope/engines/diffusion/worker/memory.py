"""Memory of a device: how much there is, who ran out of it, and giving it back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from mutoscope.compute.memory import main_memory
from mutoscope.errors import MutoscopeError

#: How libraries say that memory could not be had, where they do not raise the error for it.
_OUT = ("out of memory", "can't allocate memory", "cannot allocate memory", "alloc_failed",
        "unable to find an engine to execute")  # fmt: skip  # cuDNN: none that its memory is enough for
#: How CUDA says that this process will not be served any more.
_BROKEN = ("illegal memory access", "device-side assert", "unspecified launch failure", "misaligned address",
           "uncorrectable ecc", "device is lost", "gpu is lost", "launch timed out", "hardware error")  # fmt: skip


def ran_out(error: BaseException) -> bool:
    """Whether that is memory, of the device or the machine, that could not be had."""
    import torch

    if isinstance(error, MutoscopeError):
        return False
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _OUT)


def broke(error: BaseException) -> bool:
    """Whether the device does nothing more for this process."""
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _BROKEN)


def give_back() -> None:
    """What nobody holds any more is free again, for the device and for the machine."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        # what was pinned for layers that were moved in, as large as the model, is kept to itself too
        getattr(torch.accelerator, "empty_host_cache", int)()
    with suppress(OSError, AttributeError):  # glibc keeps what is freed to itself
        ctypes.CDLL(None).malloc_trim(0)


def pinned(module: Any) -> int:
    """Bytes of main memory that a module's weights take where they are pinned: each takes a power of two."""
    tensors = (*module.parameters(), *module.buffers())
    return sum(1 << (one.nbytes - 1).bit_length() for one in tensors if one.nbytes)


def free(device: str) -> int:
    """Bytes that this process can have yet: what nobody has, and what it holds unused."""
    import torch

    if device == "cpu":
        return main_memory()[1] or 1 << 62
    left, _ = torch.cuda.mem_get_info(device)
    return int(left + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))


def reach(device: str) -> int:
    """Bytes that this process could have in all, were all its own given back."""
    import torch

    left, _ = torch.cuda.mem_get_info(device)
    return int(left + torch.cuda.memory_reserved(device))


def bound(device: str, most: int) -> None:
    """Have no more than `most` bytes of the device: beyond them memory runs out, though there is some."""
    import torch

    _, total = torch.cuda.mem_get_info(device)
    torch.cuda.set_per_process_memory_fraction(min(1.0, most / total), device)


def begin(device: str) -> int:
    """Measure from now on; the bytes that are taken."""
    import torch

    if device == "cpu":
        return 0
    torch.cuda.reset_peak_memory_stats(device)
    return int(torch.cuda.memory_allocated(device))


def most(device: str) -> int:
    """The most bytes since `begin`; 0 on the CPU, which counts in no one's name."""
    import torch

    return 0 if device == "cpu" else int(torch.cuda.max_memory_allocated(device))


def weight(modules: Iterable[Any]) -> int:
    """Bytes of all parameters and buffers, those that are shared once."""
    tensors = (one for module in modules for one in (*module.parameters(), *module.buffers()))
    return sum({one.data_ptr(): one.nbytes for one in tensors}.values())
