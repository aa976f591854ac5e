"""`mutoscope serve` as a process: how it starts, what keeps it from starting, how it ends."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serving import Serving

pytestmark = pytest.mark.slow
PHOTO = Path(__file__).parents[2] / "examples" / "coffee.jpg"


def refused(*options: str) -> tuple[int, str]:
    """The exit code and the only line of a server that does not start."""
    command = [sys.executable, "-m", "mutoscope", "serve", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    (line,) = ended.stderr.strip().splitlines()
    assert not ended.stdout
    assert line.startswith("mutoscope: ")
    return ended.returncode, line


def test_it_serves_until_it_is_asked_to_end(tmp_path: Path) -> None:
    server = Serving(tmp_path / "data", "--log", "json")
    try:
        assert server.url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{server.url}/readyz").json()["parts"] == {
            "database": "ok", "disk": "ok", "worker": "ok", "compute": "ok",
        }  # fmt: skip
        assert httpx.get(f"{server.url}/v1/videos").json()["data"] == []
        children = offspring(server.process.pid)
        assert children
        begun = time.monotonic()
    finally:
        assert server.stop() == 0
    assert time.monotonic() - begun < 10
    assert not [pid for pid in children if alive(pid)]
    assert sum("mutoscope is at" in line for line in server.log) == 1
    assert not any("Traceback" in line for line in server.log)


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = refused("--port", str(port), "--data", str(tmp_path))
    assert (code, f"port {port}: Address already in use" in line) == (4, True)


def test_a_folder_in_use_is_one_sentence(tmp_path: Path) -> None:
    with Serving(tmp_path):
        code, line = refused("--port", "0", "--data", str(tmp_path))
    assert (code, "is in use by another server" in line) == (2, True)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, line = refused("--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert (code, "cannot be written" in line) == (4, True)


def test_wrong_settings_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mutoscope.toml").write_text("[server]\nprot = 1\n")
    code, line = refused("--port", "0", "--data", str(tmp_path))
    assert (code, "is server.port meant?" in line) == (2, True)
    code, line = refused(
        "--port", "0", "--data", str(tmp_path / "x"), "--host", "no.such.host.invalid"
    )
    assert (code, "is no address of this machine" in line) == (4, True)


def test_where_others_reach_it_it_needs_a_key(tmp_path: Path) -> None:
    code, line = refused("--port", "0", "--data", str(tmp_path), "--host", "0.0.0.0")
    assert code == 2
    assert f"mutoscope keys create --data {tmp_path}" in line
    made = subprocess.run(
        [sys.executable, "-m", "mutoscope", "keys", "create", "--data", str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    secret = made.stdout.splitlines()[0]
    with Serving(tmp_path, "--host", "0.0.0.0") as server:
        assert httpx.get(f"{server.url}/v1/videos").status_code == 401
        headers = {"authorization": f"Bearer {secret}", "host": "films.example"}
        assert httpx.get(f"{server.url}/v1/videos", headers=headers).status_code == 200
        assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_a_key_made_beside_it_closes_it_within_two_seconds(tmp_path: Path) -> None:
    with Serving(tmp_path) as server:
        assert httpx.get(f"{server.url}/v1/videos").status_code == 200
        keys(tmp_path, "create", "--name", "first")
        until(lambda: httpx.get(f"{server.url}/v1/videos").status_code == 401, 2.5)
        made = keys(tmp_path, "create", "--name", "second")
        headers = {"authorization": f"Bearer {made.splitlines()[0]}"}
        assert httpx.get(f"{server.url}/v1/videos", headers=headers).status_code == 200
        keys(tmp_path, "revoke", "second")
        until(lambda: httpx.get(f"{server.url}/v1/videos", headers=headers).status_code == 401, 2.5)


def test_what_was_made_outlives_it_and_what_runs_is_handed_back(tmp_path: Path) -> None:
    form = {"prompt": "slow push in", "model": "flipbook", "size": "320x180", "seconds": "1"}
    with Serving(tmp_path) as server:
        with PHOTO.open("rb") as photo:
            answer = httpx.post(
                f"{server.url}/v1/videos", data=form, files={"input_reference": photo}
            )
        first = answer.raise_for_status().json()["id"]
        until(
            lambda: httpx.get(f"{server.url}/v1/videos/{first}").json()["status"] == "completed", 60
        )
        link = httpx.get(f"{server.url}/v1/videos/{first}").json()["video_url"]
        film = httpx.get(link).raise_for_status().content
        long = form | {"seconds": "4", "size": "1280x720"}
        with PHOTO.open("rb") as photo:
            answer = httpx.post(
                f"{server.url}/v1/videos", data=long, files={"input_reference": photo}
            )
        second = answer.raise_for_status().json()["id"]
        running = ("in_progress", "completed")
        until(lambda: httpx.get(f"{server.url}/v1/videos/{second}").json()["status"] in running, 30)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)  # nothing is waited for any more
        assert server.process.wait(15) == 0
    with Serving(tmp_path) as server:
        answer = httpx.get(f"{server.url}/v1/videos/{first}/content")
        assert answer.content == film
        until(
            lambda: httpx.get(f"{server.url}/v1/videos/{second}").json()["status"] == "completed",
            90,
        )


def test_a_stream_does_not_hold_it_back(tmp_path: Path) -> None:
    server = Serving(tmp_path)
    try:
        form = {"prompt": "push in", "model": "flipbook", "size": "1920x1080", "seconds": "8"}
        with PHOTO.open("rb") as photo:
            answer = httpx.post(
                f"{server.url}/v1/videos", data=form, files={"input_reference": photo}
            )
        video = answer.raise_for_status().json()["id"]
        with streaming(f"{server.url}/v1/videos/{video}/events"):
            begun = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            time.sleep(0.3)
            server.process.send_signal(signal.SIGINT)
            assert server.process.wait(20) == 0
        assert time.monotonic() - begun < 15
    finally:
        server.kill()


@contextlib.contextmanager
def streaming(url: str) -> Iterator[None]:
    """A reader of events that has had its first."""
    first = threading.Event()

    def read() -> None:
        with contextlib.suppress(httpx.HTTPError), httpx.stream("GET", url, timeout=30) as stream:
            for _ in stream.iter_lines():
                first.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert first.wait(20)
    yield
    reader.join(30)


def keys(data: Path, *verb: str) -> str:
    command = [sys.executable, "-m", "mutoscope", "keys", *verb, "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def offspring(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(true: object, patience: float) -> None:
    assert callable(true)
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
