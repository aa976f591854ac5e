"""The stand-in vendor as a process that a test starts and ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SCRIPT = Path(__file__).parent / "standin" / "vendor.py"


class VendorProcess:
    """`with VendorProcess("sora", takes=0.5) as vendor:` gives `vendor.base_url`; options are the
    script's own, faults as `fault=["create=500"]`. See `standin/vendor.py`."""

    script, path = SCRIPT, "/v1"

    def __init__(self, manner: str = "sora", **options: Any) -> None:
        command = [sys.executable, str(self.script), "--manner", manner]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                command.append(flag)
            else:
                for one in value if isinstance(value, list) else [value]:
                    command += [flag, str(one)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(rf"http://127\.0\.0\.1:(\d+){self.path}", line)
        if found is None:
            self.close()
            raise RuntimeError(f"the stand-in vendor did not start: {line!r}")
        self.base_url = found[0]
        self.port = int(found[1])

    def control(self, **changes: Any) -> None:
        """Change what it does from now on."""
        self._asked(json.dumps(changes).encode())

    def seen(self) -> dict[str, Any]:
        """What it saw and counted."""
        return self._asked(None)

    def _asked(self, body: bytes | None) -> dict[str, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/control", data=body)
        with urllib.request.urlopen(request, timeout=10) as reply:
            told: dict[str, Any] = json.load(reply)
            return told

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
