"""Errors as Azure writes them: `code` is always a string."""

from __future__ import annotations

from typing import Any

import msgspec

from mutoscope.server.errors import Refusal, Told

#: What the service itself answered by the status alone.
CODES = {"invalid_api_key": "401", "unknown_url": "404", "rate_limit_exceeded": "429"}
#: What leads out of the commonest wrong addresses: an endpoint that has a part of the path in it.
NOWHERE = (
    "there is nothing at this path; azure_endpoint is the server's address alone, a base_url ends in "
    "/openai/v1"
)
#: A status → the code of an error that has none.
BY_STATUS = {
    400: "BadRequest",
    403: "PermissionDenied",
    404: "NotFound",
    500: "InternalServerError",
}


def form(told: Told) -> bytes:
    """The error's body, with the `hint` beside the vendor's own fields."""
    code = CODES.get(told.code or "", told.code) or BY_STATUS.get(told.status, str(told.status))
    message = NOWHERE if told.code == "unknown_url" else told.message
    error: dict[str, Any] = {
        "code": code, "message": message, "type": told.type, "param": told.param,
    }  # fmt: skip
    if told.hint:
        error["hint"] = told.hint
    return msgspec.json.encode({"error": error})


def no_deployment(name: str, known: str) -> Refusal:
    """The service's own error for a model that is deployed nowhere."""
    return Refusal(
        "The API deployment for this resource does not exist: "
        f"there is no deployment '{name[:80]}' here",
        status=404,
        param="model",
        code="DeploymentNotFound",
        hint=f"{known} is known here; routes.models in the server's settings names more",
    )


def no_job(id: str) -> Refusal:
    return Refusal(f"Video generation job '{id[:80]}' not found.", status=404, code="NotFound")


def no_generation(id: str, why: str = "") -> Refusal:
    return Refusal(
        f"Video generation '{id[:80]}' not found.", status=404, code="NotFound", hint=why
    )
