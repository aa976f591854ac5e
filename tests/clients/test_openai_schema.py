"""OpenAI's published schema for the Videos API, thrown at the server: no answer may be an error of the
server's, and each must have the shape that the schema or the SDK's error classes ask for.

The schema (MIT) names no answers but 200, so what a refusal looks like is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from serving import Serving

SCHEMA = schemathesis.openapi.from_path(str(Path(__file__).with_name("openai-videos.openapi.json")))
pytestmark = pytest.mark.filterwarnings("ignore")  # the generator's own


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server of its own: films of other sizes than the schema's are none of its business."""
    with Serving(tmp_path_factory.mktemp("schema")) as running:
        yield running


@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_answers_keep_to_the_schema(case: schemathesis.Case[Any], empty: Serving) -> None:
    answer = case.call(base_url=f"{empty.url}/v1", headers={"Authorization": "Bearer sk-any"})
    case.validate_response(answer, checks=[not_a_server_error])
    if answer.status_code == 200:
        case.validate_response(answer, checks=[response_schema_conformance])
        return
    assert 400 <= answer.status_code < 500, answer.status_code
    if "/content" in case.operation.path and answer.status_code == 416:
        return
    error = answer.json()["error"]
    assert {"message", "type", "param", "code"} <= error.keys()
    assert isinstance(error["message"], str)
    assert len(error["message"]) > 10
    assert answer.headers["x-request-id"]
