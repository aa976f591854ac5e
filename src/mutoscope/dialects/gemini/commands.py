"""What the headers of an upload ask for."""

from __future__ import annotations

from starlette.requests import Request

from mutoscope.errors import BadShot

COMMANDS = ("start", "upload", "finalize", "query", "cancel")


def commands(request: Request) -> set[str]:
    """What X-Goog-Upload-Command asks for. BadShot."""
    said = request.headers.get("x-goog-upload-command", "")
    asked = {one.strip().lower() for one in said.split(",") if one.strip()}
    if strange := asked - set(COMMANDS):
        raise BadShot.of("X-Goog-Upload-Command", min(strange), f"of {', '.join(COMMANDS)}")
    return asked


def protocol(request: Request) -> str:
    """resumable, raw, multipart or media, in the header or the query; "" where neither says."""
    query = request.query_params
    said = request.headers.get("x-goog-upload-protocol") or query.get("uploadType") or ""
    return said.lower()


def offset(request: Request, usual: int) -> int:
    """Where in the file the body begins; `usual` where nothing is said. BadShot."""
    text = request.headers.get("x-goog-upload-offset", "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadShot.of("X-Goog-Upload-Offset", text, "a whole number of bytes")
    return int(text)
