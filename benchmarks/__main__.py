"""Every benchmark, one after the other: `make bench`. Each also runs alone, as python -m benchmarks.NAME."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version

#: What is measured, in the order of the results' page.
BENCHMARKS = (
    "animate", "render", "effects", "scene", "prepare_folder", "direction", "pairs", "middle", "nature", "regions", "novel_view", "many", "camera_classes", "anchors", "consistency", "sound", "formats", "stabilise", "ledger", "serve_get",
    "serve_post", "serve_content", "serve_busy", "serve_dialects", "serve_restart", "serve_waiting", "serve_gateway", "gpu_spine",
)  # fmt: skip
PARTS = ("av", "numba", "numpy", "onnxruntime", "opencv-python-headless", "pyvips-binary")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; the exit code is how many could not run."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(", ".join(f"{part} {version(part)}" for part in PARTS))
    failed = 0
    for name in names or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
