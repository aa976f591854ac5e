"""A server as its owner would start it: a process of its own, on a free port, with a data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

READY = "mutoscope is at "


class Serving:
    """`mutoscope serve --port 0 --data DATA`, ready when the constructor returns.

    `url` is its address without a path. `log` is all that it wrote. Ended by its own process id."""

    def __init__(
        self,
        data: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        patience: float = 60.0,
        cwd: Path | None = None,
        cores: Sequence[int] | None = None,
    ) -> None:
        self.data = data
        self.log: list[str] = []
        self.url = ""
        self._ready = threading.Event()
        command = [sys.executable, "-m", "mutoscope", "serve", "--port", "0", "--data", str(data)]
        if cores is not None:
            command = ["taskset", "-c", ",".join(map(str, cores)), *command]
        self.process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            cwd=cwd,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(patience) or not self.url:
            self.kill()
            raise RuntimeError("the server did not start:\n" + "".join(self.log))

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(line)
            if READY in line and not self.url:
                self.url = line.split(READY, 1)[1].split()[0].rstrip("/")
                self._ready.set()
        self._ready.set()

    def stop(self, patience: float = 40.0) -> int:
        """Ask it to end, as a service manager does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._close()
        return code

    def kill(self) -> None:
        """End it without a word, as a power cut does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        self._reader.join(5.0)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Serving:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
