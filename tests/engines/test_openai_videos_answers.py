"""What servers answer, in their many words."""

from __future__ import annotations

import time
from collections import Counter
from email.utils import formatdate

import pytest

from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.quirks import Quirks

PLAIN = Quirks(about="")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("queued", "queued"), ("NOT_START", "queued"), ("in_progress", "running"),
        ("IN_PROGRESS", "running"), ("In Progress", "running"), ("completed", "done"),
        ("SUCCESS", "done"), ("succeeded", "done"), ("failed", "failed"), ("FAILURE", "failed"),
        ("expired", "failed"), ("canceled", "cancelled"), ("cancelled", "cancelled"),
    ],
)  # fmt: skip
def test_status_words(said: str, state: str) -> None:
    unknown: Counter[str] = Counter()
    assert answers.status({"status": said}, PLAIN, unknown, {}).state == state
    assert not unknown


def test_an_unknown_word_is_running_and_counted() -> None:
    unknown: Counter[str] = Counter()
    for _ in range(3):
        told = answers.status({"status": "simmering"}, PLAIN, unknown, {})
        assert (told.state, told.known) == ("running", False)
    assert unknown == {"simmering": 3}
    for number in range(500):  # a server cannot fill our memory with words
        answers.status({"status": f"word {number}"}, PLAIN, unknown, {})
    assert len(unknown) == 100


@pytest.mark.parametrize(
    ("value", "unit", "progress"),
    [
        (37, "percent", 0.37), ("37%", "percent", 0.37), ("37", "percent", 0.37),
        (0.37, "fraction", 0.37), (250, "percent", 1.0), (-3, "percent", 0.0),
        (None, "percent", 0.0), ("soon", "percent", 0.0), (True, "percent", 0.0),
        (float("nan"), "percent", 0.0), ([], "percent", 0.0), (99, "ends", 0.0),
    ],
)  # fmt: skip
def test_progress(value: object, unit: str, progress: float) -> None:
    row = Quirks(about="", progress=unit)  # type: ignore[arg-type]
    told = answers.status({"status": "running", "progress": value}, row, Counter(), {})
    assert told.progress == pytest.approx(progress)


@pytest.mark.parametrize(
    ("video", "message", "code"),
    [
        ({"error": {"code": "moderation_blocked", "message": "No."}}, "No.", "moderation_blocked"),
        ({"error": "out of memory"}, "out of memory", "engine_failed"),
        ({"fail_reason": "NSFW"}, "NSFW", "engine_failed"),
        ({"error": {"code": 500, "message": "cuda"}}, "cuda", "500"),
        ({}, "the engine says failed, and no more", "engine_failed"),
    ],
)
def test_why_it_failed(video: dict[str, object], message: str, code: str) -> None:
    told = answers.status({"status": "failed", **video}, PLAIN, Counter(), {})
    assert (told.state, told.error, told.code) == ("failed", message, code)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0), ("1.5", 1.5), ("", None), ("soon", None), ("999999", 3600.0), ("-3", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)  # fmt: skip
def test_retry_after(said: str, seconds: float | None) -> None:
    assert answers.wait({"retry-after": said}) == seconds


def test_retry_after_as_a_date() -> None:
    waited = answers.wait({"retry-after": formatdate(time.time() + 30, usegmt=True)})
    assert waited == pytest.approx(30, abs=2)


@pytest.mark.parametrize(
    ("content", "message", "code"),
    [
        (b'{"error": {"message": "Bad size", "code": "invalid_size"}}', "Bad size", "invalid_size"),
        (b'{"detail": "prompt is required"}', "prompt is required", "http_400"),
        (b'{"detail": [{"msg": "field required"}, {"msg": "not a number"}]}',
         "field required; not a number", "http_400"),
        (b"<html><h1>Bad gateway</h1></html>", "HTTP 400", "http_400"),
        (b"", "HTTP 400", "http_400"),
        (b"\xff\xfe", "��", "http_400"),
        (b"too\n many\t requests", "too many requests", "http_400"),
        (b"[1, 2]", "[1, 2]", "http_400"),
        (b"[" * 100_000, "[" * 297 + "...", "http_400"),
    ],
)  # fmt: skip
def test_error_texts(content: bytes, message: str, code: str) -> None:
    shown, told = answers.error_text(content, 400, "")
    assert told == code
    assert shown.startswith(message[:290])
    assert len(shown) <= 300


def test_no_key_is_ever_shown() -> None:
    text = "Incorrect API key: hunter22 (Bearer abc.def), sk-proj-123456789, key-aaaaaaa"
    shown = answers.shortened(text, "hunter22")
    for secret in ("hunter22", "abc.def", "123456789", "aaaaaaa"):
        assert secret not in shown


def test_ids_and_links_wherever_they_stand() -> None:
    assert answers.told({"task_id": 17}, "id") == "17"
    assert answers.told({"output": {"url": "http://x/y.mp4"}}, "link") == "http://x/y.mp4"
    wrapped = answers.read(b'{"code": "success", "data": {"id": "video_1", "status": "SUCCESS"}}')
    assert wrapped is not None
    assert answers.told(wrapped, "id") == "video_1"


def test_another_mutoscope_s_report() -> None:
    pushed = {"words": "push in", "outcome": "done", "how": "1.1 times as large"}
    told = answers.report({"report": {"done": [pushed], "not_possible": []}}, "report")
    assert [(one.words, one.outcome) for one in told] == [("push in", "done")]


@pytest.mark.parametrize(
    "video", [{}, {"report": None}, {"report": {"done": "all"}}, {"report": {"done": [{}]}}, None]
)
def test_what_is_no_report(video: object) -> None:
    assert answers.report(video, "report") == ()
