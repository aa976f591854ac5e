"""A LoRA laid over the transformers, and taken off again.

It is kept beside the weights and never fused into them: in bfloat16, what was added is not what comes off
again. Taken off, the base is as it was to the last bit, and its layers are the plain ones again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mutoscope.errors import EngineFailed


def worn(pipe: Any) -> str:
    """The name of the LoRA that is laid over the pipeline, "" for none."""
    for part in pipe._lora_loadable_modules:
        for name in getattr(getattr(pipe, part, None), "peft_config", None) or ():
            return str(name)
    return ""


def wear(pipe: Any, name: str, files: Mapping[str, Path]) -> None:
    """Lay the LoRA over the parts that `files` names, in place of any other; "" takes it off. Raises
    EngineFailed where the pipeline has no such part, or a file does not fit it; then none is worn."""
    if worn(pipe) == name:
        return
    if worn(pipe):
        pipe.unload_lora_weights()
    for part, file in files.items() if name else ():
        if part not in pipe._lora_loadable_modules or getattr(pipe, part, None) is None:
            pipe.unload_lora_weights()
            raise EngineFailed(f"the LoRA {name!r} is for {part}, which this model does not have")
        try:
            pipe.load_lora_weights(
                str(file.parent), weight_name=file.name, adapter_name=name, local_files_only=True,
                load_into_transformer_2=part == "transformer_2",
            )  # fmt: skip
        except (ValueError, KeyError, RuntimeError, OSError) as error:
            pipe.unload_lora_weights()
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise EngineFailed(f"the LoRA {name!r} does not fit this model: {said}") from error
