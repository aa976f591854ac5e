"""Whatever a server answers, and whatever a file has in it: an answer or one sentence, never anything else."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mutoscope.engines.comfyui import answers, graph
from mutoscope.engines.comfyui.progress import Progress
from mutoscope.engines.comfyui.queue import Queue
from mutoscope.errors import BadInput

WORDS = (
    "outputs", "status", "messages", "status_str", "error", "images", "gifs", "animated", "filename",
    "type", "data", "nodes", "node", "value", "max", "prompt_id", "state", "running", "finished",
    "progress", "progress_state", "execution_error", "node_errors", "errors", "message", "details",
    "inputs", "class_type", "{{prompt}}", "{{seed|1}}", "{{last_frame?}}", "1", "me", "a.mp4",
)  # fmt: skip
TEXT = st.sampled_from(WORDS) | st.text(max_size=6)
LEAF = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | TEXT
ANY = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=25,
)
OBJECT = st.dictionaries(TEXT, ANY, max_size=6)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(entry=OBJECT, output=TEXT)
def test_any_entry_of_the_history_is_a_status(entry: dict[str, Any], output: str) -> None:
    assert answers.status(entry, output).state in ("done", "failed", "cancelled")


@quick
@given(value=ANY)
def test_any_refusal_is_a_line(value: Any) -> None:
    message, code = answers.refusal(json.dumps(value).encode(), 400, "")
    assert message
    assert "\n" not in message
    assert code


@quick
@given(kind=TEXT, data=ANY, raw=st.binary(max_size=40), head=st.integers(0, 5))
def test_any_message_is_heard(kind: str, data: Any, raw: bytes, head: int) -> None:
    heard = Progress("me", {"1": 1.0, "node": 2.0})
    heard.hear(json.dumps({"type": kind, "data": data}))
    heard.hear(json.dumps(data))
    heard.hear(raw)
    heard.hear(struct.pack(">I", head) + raw)
    assert 0.0 <= heard.fraction <= 1.0


class _Told:
    def __init__(self, value: Any) -> None:
        self.value = value

    async def get(self, *steps: str) -> Any:
        return self.value


@quick
@given(rows=ANY, running=ANY)
def test_any_queue_is_read(rows: Any, running: Any) -> None:
    import asyncio

    asking: Any = _Told({"queue_pending": rows, "queue_running": running})
    assert asyncio.run(Queue(asking).read()).place("nobody") is None


@quick
@given(value=ANY)
def test_any_file_is_a_graph_or_one_sentence(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "wan.json"
    path.write_text(json.dumps(value))
    with suppress(BadInput):
        assert graph.read(path).places


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"", b"1e999"])
def test_any_bytes_are_no_graph_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wan.json").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        graph.read(tmp_path / "wan.json")
    assert "\n" not in caught.value.message
