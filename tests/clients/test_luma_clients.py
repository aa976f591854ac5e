"""Luma's official clients, unmodified: `lumaai` and `luma-agents` of Python, `lumaai` of JavaScript."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from official import ROOM, ROOT
from receivers import Receiver, receiving
from serving import Serving

CLIENTS = ROOT / ".venv" / "clients"
#: How programs reach the APIs: on the bare host, and by the prefix.
DREAM, PREFIXED, AGENTS = "/dream-machine/v1", "/luma/dream-machine/v1", "/v1"


def ran(program: str, package: str, *arguments: str) -> dict[str, Any]:
    """What a program prints that has this client on its path."""
    folder = CLIENTS / package
    assert folder.is_dir(), "`make clients` installs it"
    done = subprocess.run(
        [sys.executable, str(ROOM / program), *arguments],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["version"] == package.rpartition("-")[2]
    return said


@pytest.fixture(scope="module")
def photo_url(server: Serving, photo: Path) -> str:
    """The photograph's address: keyframes are addresses there. This server's own is the one at hand."""
    with photo.open("rb") as file:
        answer = httpx.post(
            f"{server.url}/v1/files", data={"purpose": "vision"}, files={"file": file}
        )
    return f"{server.url}/v1/files/{answer.json()['id']}/content"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of callbacks, in a thread of its own."""
    loop = asyncio.new_event_loop()
    stack = contextlib.AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)

    yield wait(stack.enter_async_context(receiving()))
    wait(stack.aclose())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_every_method_of_lumaai(server: Serving, photo_url: str, receiver: Receiver) -> None:
    said = ran("luma_program.py", "lumaai-1.21.0", server.url + DREAM, photo_url, receiver.url())
    assert (said["ping"], said["credits"], len(said["concepts"])) == ("pong", 1_000_000, 34)
    state, kind, year, prompt = said["created"]
    assert (state, kind, prompt) == ("queued", "video", "A cup of coffee")
    assert year >= 2026
    assert said["film"] == "ftyp"
    assert said["orbit"] == ["orbit left"]
    assert "concepts" in said["warned"]
    assert said["lengths"] == {"longer": True, "before": "completed", "between": "completed"}
    assert said["again"] == ["flipbook", True, True, False]
    assert said["modify"] == ["black and white"]
    assert said["reframe"] == ["size 180x320"]
    count, more, limit, offset, listed = said["page"]
    assert (count, more, limit, offset, listed) == (2, True, 2, 1, 2)
    assert said["async"] == ["completed", "pong"]
    errors = said["errors"]
    assert errors["gone"][:2] == ["NotFoundError", 404]
    assert errors["concept"][:2] == ["BadRequestError", 400]
    assert "did you mean orbit_left" in errors["concept"][2]
    assert "no picture" in errors["words"][2]
    assert errors["strict"][:2] == ["BadRequestError", 400]
    assert "5 or 9 s" in errors["strict"][2]
    assert "makes films" in errors["image"][2]
    # its callback: the generation itself, as the work began and when it was done
    told = {one["state"]: one for one in (hook.event for hook in receiver.hooks)}
    assert set(told) == {"dreaming", "completed"}
    assert {one["id"] for one in told.values()} == {said["id"]}
    assert told["completed"]["assets"]["video"].startswith("http://127.0.0.1")
    assert told["dreaming"]["assets"] is None
    assert {"webhook-id", "webhook-signature"} <= set(receiver.hooks[0].headers)


def test_every_method_of_luma_agents(server: Serving, photo: Path, photo_url: str) -> None:
    said = ran(
        "luma_agents_program.py", "luma-agents-0.5.0", server.url + AGENTS, str(photo), photo_url
    )
    assert said["pending"] == ["pending", "pending", "u", "PUT"]
    assert said["ready"] == [200, "ready", True, "image/jpeg"]
    assert said["listed"] is True
    assert list(said["forms"]) == ["file", "data", "url"]
    assert all(one == ["completed", "video", "flipbook"] for one in said["forms"].values())
    assert said["film"] == ["video", "ftyp"]
    assert said["between"] == "completed"
    assert said["pinned"] == "the pictures are frames 0, 12 and 23"
    assert said["longer"] is True
    assert said["edit"] == ["video_edit", "sepia"]
    assert said["reframe"] == ["video_reframe", "size 180x180"]
    assert said["async"] == ["completed", True]
    errors = said["errors"]
    assert errors["gone"][:2] == errors["none"][:2] == ["NotFoundError", 404]
    assert "images are not made here" in errors["image"][2]
    assert "from 0 to 24" in errors["index"][2]
    assert errors["strict"][:2] == ["BadRequestError", 400]
    assert "5 or 10 s" in errors["strict"][2]


def test_every_method_of_lumaai_in_javascript(node: str, server: Serving, photo_url: str) -> None:
    assert (ROOM / "npm" / "node_modules" / "lumaai").is_dir(), "`make clients` installs it"
    done = subprocess.run(
        [node, str(ROOM / "npm" / "luma.mjs"), server.url + PREFIXED, photo_url],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert (said["ping"], said["credits"], said["concepts"]) == ("pong", 1_000_000, 34)
    assert said["first"] == ["completed", "flipbook", "push in"]
    assert said["film"] == "ftyp"
    assert (said["longer"], said["larger"], said["loud"]) == ("completed",) * 3
    assert said["modify"] == "black and white"
    assert said["reframe"] == "size 720x1280"
    assert said["page"] == [2, 2, 1, 2]
    assert said["errors"]["gone"][:2] == ["NotFoundError", 404]
    assert said["errors"]["image"][:2] == ["BadRequestError", 400]
