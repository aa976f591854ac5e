"""`mutoscope webhooks`, on a data folder beside a server or without one."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mutoscope.cli import build
from mutoscope.config import Settings
from mutoscope.errors import MutoscopeError
from mutoscope.jobs import delivery_log
from mutoscope.jobs.outbox import Outbox
from mutoscope.outside.endpoints import Endpoints
from mutoscope.storage.records import Records
from receivers import receiving, running, status, until

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs `mutoscope webhooks …` on the folder: exit code, what it printed, what it complained of."""

    def run(*words: str) -> tuple[int, str, str]:
        out, said = io.StringIO(), ""
        with contextlib.redirect_stdout(out):
            try:
                build()(["webhooks", *words, "--data", str(tmp_path)], result_action="return_value")
                code = 0
            except MutoscopeError as error:
                code, said = error.exit_code, error.message
        return code, out.getvalue(), said

    return run


def test_what_failed_is_seen_and_told_again(tmp_path: Path, call: Call) -> None:
    async def run() -> None:
        with Records.open("", tmp_path) as records:  # as the server has them open
            async with receiving() as receiver, running(records):
                receiver.answers["/hook"] = status(410)
                made = await Endpoints(records).create(
                    "default", name="n", url=receiver.url(), event_types=["video.failed"]
                )
                box = Outbox(records, Settings())
                event = await records.write(
                    lambda c: box.add(c, "default", "video.failed", "video_1")
                )
                await until(
                    lambda: (
                        records.read_now(
                            lambda c: delivery_log.delivery_page(c, None, status="failed")
                        ).rows
                    )
                )
                _, out, _ = await asyncio.to_thread(call, "deliveries", "--status", "failed", "--json")  # fmt: skip
                [row] = json.loads(out)
                assert (row["event"], row["attempts"][0]["status"]) == (event, 410)
                _, out, _ = await asyncio.to_thread(call, "deliveries")
                assert "410" in out

                code, _, said = await asyncio.to_thread(call, "replay", row["id"])
                assert code == 2
                assert "deleted or disabled" in said
                receiver.answers.clear()
                await Endpoints(records).update(made.id, "default", {"status": "enabled"})
                _, out, _ = await asyncio.to_thread(call, "replay", event)
                assert "is told again" in out
                await until(lambda: len(receiver.hooks) == 2)

                _, out, _ = await asyncio.to_thread(call, "list", "--json")
                [one] = json.loads(out)
                assert one["id"] == made.id
                assert "signing" not in one
                assert made.signing.secret not in out

    asyncio.run(run())


def test_the_projects_secret_is_shown_and_rotated(call: Call) -> None:
    _, first, _ = call("secret")
    assert first.startswith("whsec_")
    assert call("secret")[1] == first
    rotated = call("secret", "--rotate", "--keep-old")[1]
    assert rotated != first
    assert call("secret")[1] == rotated
    assert call("secret", "--project", "other")[1] != rotated


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("replay", "evt_none"), "there is no event or delivery 'evt_none'"),
        (("replay", "dlv_none"), "there is no event or delivery 'dlv_none'"),
        (("deliveries", "--status", "lost"), "it must be pending, delivered or failed"),
        (("deliveries", "--limit", "0"), "it must be 1 to 10,000"),
        (("secret", "--keep-old"), "--keep-old belongs to --rotate"),
    ],
)
def test_what_is_wrong_is_one_line(call: Call, words: tuple[str, ...], says: str) -> None:
    code, out, said = call(*words)
    assert (code, out) == (2, "")
    assert says in said
    assert "\n" not in said
