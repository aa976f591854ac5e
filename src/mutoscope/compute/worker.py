"""A pool's side of one worker process. Only the pool's own thread uses it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mutoscope.compute.child import Options
from mutoscope.compute.messages import Incoming, send

log = logging.getLogger("mutoscope.compute")

#: How many threads each of the libraries uses.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "VIPS_CONCURRENCY",
            "OPENCV_FOR_THREADS_NUM")  # fmt: skip
#: What work never needs, and what a stranger's file must not find.
_PRIVATE = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|DATABASE|COOKIE", re.IGNORECASE)
_PATIENCE = 5.0  # seconds for a worker to take a message


def environment(
    outer: Mapping[str, str], threads: int | None, scratch: Path, path: list[str]
) -> dict[str, str]:
    """A worker's environment: this one's without its secrets, modules found where they are here."""
    kept = {name: value for name, value in outer.items() if not _PRIVATE.search(name)}
    kept["PYTHONPATH"] = os.pathsep.join(entry for entry in path if entry)
    kept["TMPDIR"] = str(scratch)
    if threads is not None:
        kept |= dict.fromkeys(_THREADS, str(threads))
    return kept


class Worker:
    """A running process; `task` is the name of what it works on, "" while it waits.

    ========= ==================================================================
    told      what it says: ready to read, then `heard`
    errors    what it and its libraries print: ready to read, then `read_errors`
    since     when it began what it is at (starting, waiting or working)
    kill_at   when it is to be killed, and `why`
    ========= ==================================================================
    """

    def __init__(
        self,
        number: int,
        options: Options,
        threads: int | None,
        scratch: Path,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.number = number
        self.scratch = scratch
        self.ready = False
        self.task = ""
        self.since = time.monotonic()
        self.kill_at: float | None = None
        self.why = ""
        self.printed: deque[str] = deque(maxlen=20)
        self.peak = 0
        tasks, self._tasks = os.pipe()
        told, child_told = os.pipe()
        errors, child_errors = os.pipe()
        self.incoming, self.errors = Incoming(told), errors
        for pipe in (self._tasks, told, errors):
            os.set_blocking(pipe, False)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mutoscope.compute.child", str(tasks),
                 str(child_told), str(os.getpid()), json.dumps(asdict(options))],
                stdin=subprocess.DEVNULL, stdout=child_errors, stderr=child_errors,
                pass_fds=(tasks, child_told), start_new_session=True,
                env=environment(os.environ, threads, scratch, sys.path) | dict(variables or {}),
            )  # fmt: skip
        except BaseException:
            self._close()
            raise
        finally:
            for pipe in (tasks, child_told, child_errors):
                os.close(pipe)

    @property
    def told(self) -> int:
        return self.incoming.pipe

    def rest(self) -> None:
        """It is done with its task, and waits."""
        self.task, self.since, self.kill_at, self.why = "", time.monotonic(), None, ""

    def say(self, *message: Any) -> bool:
        """Send it a message; whether it took it."""
        try:
            send(self._tasks, message, wait=_PATIENCE)
        except OSError:  # gone, or it hangs: then its end is near anyway
            self.kill()
            return False
        return True

    def heard(self) -> list[tuple[Any, ...]] | None:
        """What it said; None where it has ended."""
        try:
            return self.incoming.read()
        except Exception as error:  # it wrote nonsense: its memory is not its own any more
            log.warning("worker %d is stopped, for it cannot be understood: %s", self.number, error)
            self.kill()
            return None

    def read_errors(self) -> bool:
        """Keep the last lines that it printed; whether there may be more."""
        try:
            piece = os.read(self.errors, 1 << 16)
        except BlockingIOError:
            return True
        for line in piece.decode(errors="replace").splitlines():
            self.printed.append(line[:500])
            log.debug("worker %d: %s", self.number, line[:500])
        return bool(piece)

    def kill(self) -> None:
        """End it at once, with whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def dismiss(self) -> None:
        """Let it end by itself: it waits for nothing but the next message."""
        if self._tasks >= 0:
            os.close(self._tasks)
            self._tasks = -1

    def end(self) -> int:
        """Wait for its end, take back what it held → its exit status, below 0 for a signal."""
        self.kill()
        with contextlib.suppress(ChildProcessError):
            _, status, used = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        while self.read_errors() and self._more():
            pass
        self._close()
        shutil.rmtree(self.scratch, ignore_errors=True)
        return self.process.wait()

    def _more(self) -> bool:
        import select

        return bool(select.select([self.errors], [], [], 0)[0])

    def _close(self) -> None:
        self.dismiss()
        os.close(self.told)
        os.close(self.errors)
