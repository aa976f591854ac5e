"""Health, metrics and the log, as whoever runs the server sees them."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from small_house import small_house
from sqlalchemy import insert
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mutoscope.config import Retention, Settings
from mutoscope.errors import CannotWrite
from mutoscope.jobs.job import Change, Job, Result
from mutoscope.server import logs
from mutoscope.server.app import build
from mutoscope.server.house import House
from mutoscope.server.logs import Lines, about, clean
from mutoscope.server.rates import Rates
from mutoscope.storage.tables import jobs


async def fail(request: Request) -> Response:
    raise RuntimeError("boom at /secret/path with muto_abcdefghijkl")


async def unwritten(request: Request) -> Response:
    raise CannotWrite("the media store /srv/films cannot be written: Input/output error")


ROUTES = [Route("/v1/videos/{video_id}", fail), Route("/v1/files", unwritten)]


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """A stream that the process's log goes to."""
    root, mine = logging.getLogger(), logging.getLogger("mutoscope")
    before = (root.handlers[:], root.level, mine.level)
    stream = io.StringIO()
    logs.set_up("json", stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], level, own = before
    root.setLevel(level)
    mine.setLevel(own)


def client(house: House, lines: Lines | None = None, **checks: Any) -> TestClient:
    app = build(house, checks, rooms=(), dialects=(), more=ROUTES, lines=lines)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def test_ready_says_which_part_is_not(tmp_path: Path) -> None:
    async def well() -> str:
        return ""

    async def ill() -> str:
        return "it has ended"

    async def broken() -> str:
        raise OSError("no")

    with small_house(tmp_path) as house:
        assert client(house).get("/healthz").json() == {"status": "ok"}
        answer = client(house, worker=well).get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ready",
            "parts": {"database": "ok", "disk": "ok", "worker": "ok"},
        }
        answer = client(house, worker=ill, compute=broken).get("/readyz")
        assert answer.status_code == 503
        parts = answer.json()["parts"]
        assert (parts["worker"], parts["compute"]) == ("it has ended", "OSError")
        house.closing.set()
        assert client(house).get("/readyz").json()["status"] == "closing"


def test_a_disk_that_is_nearly_full_is_not_ready(tmp_path: Path) -> None:
    with small_house(tmp_path, Settings(retention=Retention(free_bytes=1 << 60))) as house:
        answer = client(house).get("/readyz")
        assert answer.status_code == 503
        assert "retention.free_bytes" in answer.json()["parts"]["disk"]


def test_a_closed_database_is_not_ready(tmp_path: Path) -> None:
    with small_house(tmp_path) as house:
        http = client(house)
        house.keys._any = (float("inf"), False)
        house.records.close()
        assert http.get("/healthz").status_code == 200
        assert http.get("/readyz").status_code == 503


def job(house: House, **values: Any) -> None:
    row = {
        "project": "p", "object": "video", "dialect": "openai", "kind": "create", "model": "sora-2",
        "engine": "flipbook", "status": "queued", "stage": "inputs", "due": 1.0, "created": 1.0,
    } | values  # fmt: skip
    house.records.write_now(lambda c: c.execute(insert(jobs).values(row)))


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_are_read_by_prometheus(tmp_path: Path) -> None:
    import time

    with small_house(tmp_path) as house:
        job(house, id="a", created=time.time() - 100)
        job(house, id="b", created=time.time() - 5)
        job(house, id="c", status="in_progress", stage="poll", engine="relay")
        job(house, id="d", status="completed", stage="deliver", due=None)
        http = client(house)
        for number in range(3):
            http.get(f"/v1/videos/{number}")
        http.get("/nothing/here")
        http.post("/healthz", content=b"x" * 10)
        made = Result(
            media={}, size="2x2", seconds=1, fps=24, frames=24, engine="flipbook",
            took={"scene": 2.5, "render": 10.0, "total": 20.0},
        )  # fmt: skip
        was = cast(Job, SimpleNamespace(object="video", engine="flipbook"))
        house.metrics.job(was, Change(ended=True, status="completed", result=made))
        house.metrics.job(was, Change(ended=True, status="failed"))
        house.metrics.webhook("delivered")
        found = samples(http.get("/metrics").text)

    def value(name: str, **labels: str) -> float:
        return found[(name, tuple(sorted(labels.items())))]

    queued = {"stage": "inputs", "engine": "flipbook", "status": "queued"}
    assert value("mutoscope_jobs_open", **queued) == 2
    polled = {"stage": "poll", "engine": "relay", "status": "in_progress"}
    assert value("mutoscope_jobs_open", **polled) == 1
    assert 99 <= value("mutoscope_queue_age_seconds") <= 130
    route = {"method": "GET", "route": "/v1/videos/{video_id}", "status": "500"}
    assert value("mutoscope_http_request_seconds_count", **route) == 3
    assert value("mutoscope_http_request_seconds_bucket", le="+Inf", **route) == 3
    assert value("mutoscope_http_request_seconds_sum", **route) > 0
    lost = {"method": "GET", "route": "", "status": "404"}
    assert value("mutoscope_http_request_seconds_count", **lost) == 1
    assert value("mutoscope_refused_requests_total", reason="unknown_url") == 1
    assert value("mutoscope_refused_requests_total", reason="method_not_allowed") == 1
    assert value("mutoscope_render_seconds_sum", engine="flipbook") == 12.5
    assert value("mutoscope_webhook_attempts_total", outcome="delivered") == 1
    for status in ("completed", "failed"):
        labels = {"object": "video", "engine": "flipbook", "status": status}
        assert value("mutoscope_jobs_ended_total", **labels) == 1
    assert value("mutoscope_http_bytes_total", direction="out") > 0


def test_two_servers_in_a_process_count_apart(tmp_path: Path) -> None:
    with small_house(tmp_path / "a") as one, small_house(tmp_path / "b") as two:
        one.metrics.refused("x")
        assert b'reason="x"' in one.metrics.text()
        assert b'reason="x"' not in two.metrics.text()


def test_an_error_is_told_without_its_inside_and_logged_with_it(
    tmp_path: Path, out: io.StringIO
) -> None:
    with small_house(tmp_path) as house:
        answer = client(house).get("/v1/videos/v1", headers={"x-request-id": "trace-7"})
        assert answer.status_code == 500
        error = answer.json()["error"]
        assert error["type"] == "server_error"
        assert "boom" not in answer.text
        assert client(house).get("/v1/files").status_code == 500
        assert "/srv/films" not in client(house).get("/v1/files").text
    lines = [msgspec.json.decode(line) for line in out.getvalue().splitlines()]
    first = lines[0]
    assert first["request"] == "trace-7"
    assert "boom" in first["message"]
    assert "muto_a" not in out.getvalue()
    assert "Traceback" in first["traceback"]
    assert any("/srv/films" in line["message"] for line in lines)


def test_a_request_is_a_line_without_its_query(tmp_path: Path) -> None:
    out = io.StringIO()
    lines = Lines(out, "json")
    with small_house(tmp_path) as house:
        http = client(house, lines)
        link = house.links.sign("/v1/videos/video_1", seconds=60)
        http.get(link)
        http.get("/v1/none?api_key=sk-abcdefghijklmnop", headers={"authorization": "Bearer muto_x"})
        http.get("/healthz")
        lines.flush()
    first, second = map(msgspec.json.decode, out.getvalue().splitlines())
    assert first["message"] == "GET /v1/videos/video_1"
    assert (first["status"], first["job"]) == (500, "video_1")
    assert first["request"].startswith("req_")
    assert first["ms"] >= 0
    assert (second["status"], second["reason"], second["project"]) == (
        404,
        "unknown_url",
        "default",
    )
    assert "signature" not in out.getvalue()
    assert "sk-" not in out.getvalue()
    assert "muto_" not in out.getvalue()


def test_a_line_is_a_line_whatever_was_asked_for(tmp_path: Path) -> None:
    forms: tuple[Literal["text", "json"], ...] = ("text", "json")
    for form in forms:
        out = io.StringIO()
        lines = Lines(out, form)
        with small_house(tmp_path / form) as house:
            client(house, lines).get("/v1/videos/%0a%0dat=forged%1b[2J%c2%9b")
            lines.flush()
        assert len(out.getvalue().splitlines()) == 1
        assert out.getvalue().strip().isprintable() or form == "json"
        assert "\x1b" not in out.getvalue()


def test_lines_of_requests_are_written_before_what_comes_after_them() -> None:
    out = io.StringIO()
    lines = Lines(out, "text")

    async def two() -> None:
        lines.request("GET /a", {"status": 200})
        record = logging.LogRecord(
            "mutoscope.jobs", logging.WARNING, "", 0, "later\nline", (), None
        )
        lines.emit(record)
        lines.request("GET /b", {"status": 200})
        await asyncio.sleep(logs.GATHER * 2)

    asyncio.run(two())
    said = out.getvalue().splitlines()
    assert [re.sub(r"^\S+ ", "", line) for line in said] == [
        "info    GET /a  status=200",
        "warning later line",
        "info    GET /b  status=200",
    ]


def test_lines_name_what_they_are_about(out: io.StringIO) -> None:
    log = logging.getLogger("mutoscope.jobs")
    with about(job="video_1"):
        log.info("rendered", extra={"fields": {"frames": 96}})
    log.info("idle")
    first, second = map(msgspec.json.decode, out.getvalue().splitlines())
    assert (first["job"], first["frames"], first["logger"]) == ("video_1", 96, "mutoscope.jobs")
    assert "job" not in second


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("key muto_AbCdEf123456-_x used", "key muto_… used"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_…"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("/content?variant=video&signature=0f0f0f&x=1", "/content?variant=video&signature=…&x=1"),
        ("postgresql://me:hunter2@db/films", "postgresql://me:…@db/films"),
        ("api_key=abc", "api_key=…"),
        ("a sk-proj-abcdefgh b", "a sk-… b"),
        ("nothing to hide: 12:30:01", "nothing to hide: 12:30:01"),
    ],
)
def test_secrets_are_cleaned_away(text: str, left: str) -> None:
    assert clean(text) == left


def test_rates_give_a_minutes_worth_and_then_evenly() -> None:
    rates = Rates()
    assert [rates.take("k", 60, 0.0).left for _ in range(60)] == list(range(59, -1, -1))
    assert rates.take("k", 60, 0.0).wait == pytest.approx(1.0)
    assert rates.take("k", 60, 0.5).wait == pytest.approx(0.5)
    assert rates.take("k", 60, 1.0).wait == 0.0
    assert rates.take("k", 60, 1.0).wait == pytest.approx(1.0)
    assert rates.take("other", 60, 1.0).wait == 0.0
    assert rates.take("k", 60, 1000.0).left == 59
