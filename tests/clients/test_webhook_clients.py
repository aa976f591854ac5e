"""Webhooks as the official clients manage, receive and verify them."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import openai
import pytest
from openai import OpenAI

from official import QUICK, ROOM

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")

Delivered = tuple[dict[str, str], str]


def delivery_of(video_id: str, came: Queue[Delivered]) -> Delivered:
    """The delivery that tells of this video.

    An endpoint hears of every video of its key, and so of those that an earlier test left working.
    """
    while True:
        headers, body = came.get(timeout=30)
        if json.loads(body)["data"]["id"] == video_id:
            return headers, body


@pytest.fixture
def inbox() -> Iterator[tuple[str, Queue[Delivered]]]:
    """A receiver's address, and what was delivered to it."""
    came: Queue[Delivered] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            came.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_endpoint_is_managed_and_its_deliveries_verified(
    base_url: str, photo: Path, node: str, inbox: tuple[str, Queue[Delivered]], tmp_path: Path
) -> None:
    url, came = inbox
    with OpenAI(base_url=base_url, api_key="sk-anything") as client:
        made = client.webhooks.create(
            name="mine", url=url, event_types=["video.completed", "video.failed"]
        )
        try:
            assert made.signing_secret.startswith("whsec_")
            assert made.id in [one.id for one in client.webhooks.list()]
            assert client.webhooks.retrieve(made.id).url == url
            assert "video.completed" in client.webhooks.event_types.list().data
            video = client.videos.create_and_poll(
                prompt="zoom in", input_reference=photo, extra_body=QUICK, poll_interval_ms=100
            )
            headers, body = delivery_of(video.id, came)
            event = client.webhooks.unwrap(body, headers, secret=made.signing_secret)
            assert str(event.type) == "video.completed"  # the package has no class for it
            with pytest.raises(openai.InvalidWebhookSignatureError):
                client.webhooks.unwrap(
                    body.replace(video.id, "video_0"), headers, secret=made.signing_secret
                )
        finally:
            client.webhooks.delete(made.id)
    file = tmp_path / "delivered.json"
    file.write_text(json.dumps({"body": body, "headers": headers, "secret": made.signing_secret}))
    ran = subprocess.run(
        [node, str(ROOM / "npm" / "webhook.mjs"), str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["event"]["data"]["id"] == video.id
    assert said["forged"] == "InvalidWebhookSignatureError"


def test_a_webhook_of_one_job(
    base_url: str, photo: Path, inbox: tuple[str, Queue[Delivered]]
) -> None:
    url, came = inbox
    with OpenAI(base_url=base_url, api_key="sk-anything") as client:
        video = client.videos.create(
            prompt="zoom out", input_reference=photo, extra_body={**QUICK, "webhook_url": url}
        )
        headers, body = came.get(timeout=30)
        assert json.loads(body)["data"]["id"] == video.id
        assert headers["webhook-signature"].startswith("v1,")
