"""pageSize and pageToken of a list's query."""

from __future__ import annotations

from starlette.requests import Request

from mutoscope.server.errors import Refusal


def paging(request: Request, most: int, usual: int) -> tuple[int, str | None]:
    """How many are wanted, at most `most` as the service cut it, and after which. Refusal (400)."""
    query = request.query_params
    text = query.get("pageSize", query.get("page_size", str(usual)))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refusal(
            f"pageSize is {text[:40]!r}; it must be a whole number from 1 to {most:,}",
            param="pageSize",
            code="invalid_value",
        )
    token = query.get("pageToken", query.get("page_token", ""))
    return min(int(text) or usual, most), token or None
