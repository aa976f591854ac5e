"""Work for the pool's tests: what a worker process can import."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutoscope.compute.base import Cancel, Progress, expect
from mutoscope.errors import BadShot, Cancelled, EngineFailed


def add(first: int, second: int, progress: Progress, cancel: Cancel) -> int:
    progress("adding", 0.5)
    return first + second


def whoami(progress: Progress, cancel: Cancel) -> tuple[int, int, int, str]:
    return os.getpid(), os.nice(0), os.getsid(0), os.environ.get("TMPDIR", "")


def open_files(progress: Progress, cancel: Cancel) -> list[str]:
    """What each open descriptor above stderr is."""
    names = []
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) > 2:
            try:
                names.append(os.readlink(f"/proc/self/fd/{entry}"))
            except FileNotFoundError:  # the listing's own
                continue
    return names


def variables(progress: Progress, cancel: Cancel) -> dict[str, str]:
    return dict(os.environ)


def refuse(progress: Progress, cancel: Cancel) -> None:
    raise BadShot("the size is odd", field="size", hint="make it even", code="odd_size")


def unexpected(progress: Progress, cancel: Cancel) -> None:
    raise ValueError("no such thing")


def unwritable(path: str, progress: Progress, cancel: Cancel) -> None:
    with open(path, "w"):
        pass


def until_cancelled(progress: Progress, cancel: Cancel) -> None:
    progress("waiting", 0.25)
    while not cancel():
        time.sleep(0.005)
    raise Cancelled("stopped at its next frame")


def expecting(left: float, progress: Progress, cancel: Cancel) -> None:
    expect(progress, left)
    until_cancelled(progress, cancel)


def slow_to_stop(seconds: float, progress: Progress, cancel: Cancel) -> None:
    """Looks at `cancel` only every `seconds`."""
    progress("slow", 0.25)
    while not cancel():
        time.sleep(seconds)
    raise Cancelled("stopped at its next step")


def short_of_memory(progress: Progress, cancel: Cancel) -> None:
    """Gave its memory back, and says so itself."""
    raise EngineFailed("too large", code="out_of_memory")


def broken_device(progress: Progress, cancel: Cancel) -> None:
    raise EngineFailed("the device does nothing more", code="device_failed")


def deaf(note: str, progress: Progress, cancel: Cancel) -> None:
    """Never looks at `cancel`; leaves a temporary file and a child of its own behind."""
    with tempfile.NamedTemporaryFile(delete=False) as left:
        left.write(b"x")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(note).write_text(f"{os.getpid()} {child.pid} {left.name}")
    progress("deaf", 0.1)
    time.sleep(600)


def die(number: int, progress: Progress, cancel: Cancel) -> None:
    os.kill(os.getpid(), signal.Signals(number))
    time.sleep(60)


def leave(status: int, progress: Progress, cancel: Cancel) -> None:
    os._exit(status)


def hoard(size: int, progress: Progress, cancel: Cancel) -> int:
    kept = bytearray(size)
    return len(kept)


def large(size: int, progress: Progress, cancel: Cancel) -> bytes:
    return b"x" * size


def chatter(count: int, progress: Progress, cancel: Cancel) -> int:
    for number in range(count):
        progress("chatter", number / count)
    return count


def plain_double(value: int) -> int:
    return value * 2
