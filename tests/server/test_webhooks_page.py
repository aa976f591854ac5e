"""The page on webhooks, run as it stands but for the ports."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import Serving

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
SERVER, RECEIVER = "http://127.0.0.1:8640", "127.0.0.1:8700"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def program(text: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", text], env={**os.environ, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    timer = threading.Timer(60, process.kill)
    timer.start()
    try:
        with process:
            yield process
            process.kill()
    finally:
        timer.cancel()


@pytest.mark.slow
def test_register_and_receive(tmp_path: Path) -> None:
    register, receive = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    port = free_port()
    assert SERVER in register
    assert RECEIVER in register
    with Serving(tmp_path) as server:
        register = register.replace(SERVER, server.url).replace(RECEIVER, f"127.0.0.1:{port}")
        receive = receive.replace(SERVER, server.url).replace("8700", str(port))
        made, test = register.split("print(client.webhooks.test")
        with program(made) as registering:
            assert registering.stdout is not None
            endpoint, secret = registering.stdout.readline().split()
        assert secret.startswith("whsec_")
        with program(receive, SIGNING_SECRET=secret) as receiving:
            while receiving.poll() is None:  # until it listens
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            head = "from openai import OpenAI\nimport types\n"
            head += f"client = OpenAI(base_url='{server.url}/v1', api_key='any')\n"
            head += f"endpoint = types.SimpleNamespace(id='{endpoint}')\n"
            with program(head + "print(client.webhooks.test" + test) as testing:
                assert testing.stdout is not None
                assert testing.stdout.readline() == "204\n"
            assert receiving.stdout is not None
            assert receiving.stdout.readline() == "video.completed video_test\n"


def test_the_page_names_what_there_is() -> None:
    from mutoscope.dialects.openai.webhooks import EVENT_TYPES
    from mutoscope.jobs.verdicts import KEPT_FIRST, KEPT_LAST

    assert all(f"`{type}`" in PAGE for type in EVENT_TYPES)
    assert f"first {KEPT_FIRST} and the last {KEPT_LAST}" in PAGE
