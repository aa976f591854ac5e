"""One pipeline as diffusers has it and as we have it, by turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from benchmarks.gpu_models import Spec


class Sides:
    """One pipeline, as diffusers has it and as we have it, by turns."""

    def __init__(self, pipe: Any, model: Spec, device: str, compiled: str) -> None:
        from mutoscope.config import Gpu
        from mutoscope.engines.diffusion.worker import compiling, speed
        from mutoscope.engines.diffusion.worker.place import Place

        self.pipe, self.model, self.device = pipe, model, device
        if compiled == "auto":  # as for a film of all its steps, of which only some are measured
            whole = replace(model.brief(), steps=model.steps)
            spent = compiling.seconds(pipe, whole, capability_of(device))
            compiled = "on" if spent >= compiling.WORTH_SECONDS and device != "cpu" else "off"
        self._settings = Gpu(compile=compiled)  # type: ignore[arg-type]
        self.precision = _precision()
        said = speed.prepared(
            pipe, SimpleNamespace(settings=self._settings), Place(device, "bfloat16")
        )
        used = {str(backend.value) for _, backend in self._backends() if backend is not None}
        blocks = "blocks compiled" if compiled == "on" else "blocks not compiled"
        self.notes = (*said, f"attention: {', '.join(sorted(used)) or 'native'}", blocks)

    def _backends(self) -> list[tuple[Any, Any]]:
        """Each attention layer's processor, and which implementation it uses."""
        from mutoscope.engines.diffusion.worker import attention
        from mutoscope.engines.diffusion.worker.caches import transformers

        return [
            (layer.processor, layer.processor._attention_backend)
            for part in transformers(self.pipe)
            for _, layer, _ in attention._layers(part)
        ]

    def plain(self, work: Callable[[], Any]) -> Any:
        """Done as diffusers has it."""
        import torch

        kept = self._backends()
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

        with speed.for_brief(self.pipe, self.model.brief()) as said:
            out = work()
        for note in said:
            print(f"  {note}", flush=True)
        return out

    def close(self) -> None:
        import torch

        from mutoscope.engines.diffusion.worker import speed

        speed.restored(self.pipe)
        torch.set_float32_matmul_precision(self.precision)


def dtype_of(device: str) -> Any:
    import torch

    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def capability_of(device: str) -> tuple[int, int]:
    import torch

    return torch.cuda.get_device_capability() if device.startswith("cuda") else (0, 0)


def _precision() -> str:
    import torch

    return str(torch.get_float32_matmul_precision())
