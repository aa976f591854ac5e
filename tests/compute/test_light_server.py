"""What a server loads: everything that looks at pixels is loaded in the processes beside it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = "av cv2 llvmlite numba numpy onnxruntime PIL pyvips scipy"
CODE = f"""
import sys
import mutoscope.server.run, mutoscope.cli.serve, mutoscope.engines.openai_videos.engine
print(*(name for name in "{HEAVY}".split() if name in sys.modules))
"""


def test_nothing_that_looks_at_pixels() -> None:
    told = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
