"""``python -m mutoscope.engines.diffusion.seen`` prints the GPUs that PyTorch sees, as JSON. For
`devices.py`: a process of its own, which ends when it has said so."""

from __future__ import annotations

import sys

import msgspec

from mutoscope.engines.diffusion.devices import Seen


def seen() -> list[Seen]:
    """In PyTorch's own order."""
    import torch

    found = []
    for number in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(number)
        free, total = torch.cuda.mem_get_info(number)
        found.append(Seen(facts.name, total, free, (facts.major, facts.minor)))
    return found


if __name__ == "__main__":
    sys.stdout.write("\n" + msgspec.json.encode(seen()).decode() + "\n")
