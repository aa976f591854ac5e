"""`api-version`: which versions of the service a request may ask for. All mean the same here."""

from __future__ import annotations

import datetime
import re
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from mutoscope.server.errors import Refusal

NAMED = ("v1", "preview", "latest")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(-preview)?", re.ASCII)


def known(version: str) -> bool:
    """Whether this is the form of a version: a name, or a day with or without "-preview"."""
    if version.lower() in NAMED:
        return True
    dated = _DATED.fullmatch(version.lower())
    try:
        return dated is not None and bool(datetime.date.fromisoformat(dated[1]))
    except ValueError:
        return False


class Versioned:
    """Refuses what names no version, in the service's own words; none named is the newest."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"api-version" in scope["query_string"].lower():
            asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            for name, values in asked.items():
                if name.lower() == "api-version" and not all(known(one) for one in values if one):
                    raise Refusal(
                        "API version not supported",
                        param="api-version",
                        code="BadRequest",
                        hint="a day such as 2025-04-01-preview, or one of " + ", ".join(NAMED),
                    )
        await self.app(scope, receive, send)
