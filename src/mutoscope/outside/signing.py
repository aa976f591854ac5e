"""Signatures of webhooks, after the Standard Webhooks specification (standardwebhooks.com, version 1)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret of 24 random bytes, which base64 writes without padding: every library reads that."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode("ascii")


def hint(secret: str) -> str:
    """A secret as it may be shown, to tell it from another."""
    return f"{PREFIX}…{secret[-4:]}"


def headers(event: str, body: str, signing: Sequence[str], at: float) -> dict[str, str]:
    """The three headers for a body sent at `at`, in seconds since 1970. `event` is the receiver's
    idempotency key, the same at every attempt; each secret in `signing` gives a signature."""
    when = datetime.fromtimestamp(int(at), UTC)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": " ".join(
            Webhook(secret).sign(event, when, body) for secret in signing
        ),
    }
