"""The stand-in ComfyUI as a process that a test starts and ends."""

from __future__ import annotations

from pathlib import Path

from vendor_process import VendorProcess


class ComfyProcess(VendorProcess):
    """`with ComfyProcess("new", takes=0.5) as comfy:` gives `comfy.base_url`; see `standin/comfy.py`."""

    script, path = Path(__file__).parent / "standin" / "comfy.py", ""
