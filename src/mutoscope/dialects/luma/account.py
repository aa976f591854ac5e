"""What Dream Machine has beside generations: ping, credits, the concepts; and images, which are refused."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.luma.asking import IMAGES
from mutoscope.dialects.luma.concepts import concepts
from mutoscope.dialects.shared.answers import answer
from mutoscope.server.errors import Refusal

BALANCE = 1_000_000.0  # nothing is counted, and programs that look at it shall go on
NO_CREDITS = (
    "this server counts no credits: films of its own engines cost nothing, and others are paid at their "
    "vendors"
)


async def ping(request: Request) -> Response:
    return answer({"message": "pong"})


async def credits(request: Request) -> Response:
    return answer({"credit_balance": BALANCE, "message": NO_CREDITS})


async def listed(request: Request) -> Response:
    return answer(list(concepts()))


async def images(request: Request) -> Response:
    raise Refusal(IMAGES, status=400, code="not_supported", hint="POST generations/video makes one")
