"""The addresses that answers hold: as this request came in, below the same prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from mutoscope.dialects.shared.answers import Signer

if TYPE_CHECKING:
    from mutoscope.server.house import House

VERSION = "v1beta"


class Addresses:
    """`base` is the scheme and host that the request was sent to, unless the settings say how this server
    is reached, with the dialect's prefix where it had one.

    These are real addresses, http:// where the server is so reached. Google's clients take https:// ones
    apart and put others as they are into a path; `files.Files.download` finds the file in both."""

    def __init__(self, house: House, request: Request) -> None:
        self.house = house
        self.prefix: str = request.state.prefix
        self.base = Signer(house, request.scope).base
        version: str = request.path_params.get("version", VERSION)
        self.root = f"{self.base}{self.prefix}/{version}"

    def file(self, id: str) -> str:
        return f"{self.root}/files/{id}"

    def download(self, id: str) -> str:
        return f"{self.root}/files/{id}:download?alt=media"

    def upload(self, path: str, seconds: float) -> str:
        """An address that takes POSTs without a key until so many seconds have gone."""
        signed = self.house.links.sign(f"{self.prefix}{path}", seconds=seconds, method="POST")
        return self.base + signed.removeprefix(self.house.links.public_url)
