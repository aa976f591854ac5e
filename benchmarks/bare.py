"""A bare Starlette app under uvicorn, to measure beside: one route gives bytes from memory, one parses
a multipart body and gives the same bytes.

    python -m benchmarks.bare PORT FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def app(answer: bytes) -> Starlette:
    """`GET` and `POST` of /v1/videos, both answered with `answer`."""

    async def get(request: Request) -> Response:
        return Response(answer, media_type="application/json")

    async def post(request: Request) -> Response:
        async with request.form() as form:
            picture = form["input_reference"]
            assert not isinstance(picture, str)
        return Response(answer, media_type="application/json")

    return Starlette(
        routes=[Route("/v1/videos/{id}", get), Route("/v1/videos", post, methods=["POST"])]
    )


if __name__ == "__main__":
    port, file = sys.argv[1:]
    uvicorn.run(
        app(Path(file).read_bytes()), host="127.0.0.1", port=int(port), loop="uvloop",
        http="httptools", access_log=False, log_level="warning",
    )  # fmt: skip
