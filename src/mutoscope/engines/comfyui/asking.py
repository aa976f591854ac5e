"""Questions to one ComfyUI: its addresses, and answers or the lack of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec

from mutoscope.config import EngineAccount
from mutoscope.engines.openai_videos import asking
from mutoscope.engines.openai_videos.asking import NoAnswer
from mutoscope.engines.openai_videos.quirks import Quirks

PATIENCE = 3.0  # seconds for a look at whether it is there


class Asking(asking.Asking):
    """See the module."""

    most = 64 << 20  # a queue has every waiting workflow in it

    def __init__(self, name: str, account: EngineAccount) -> None:
        super().__init__(name, account, Quirks(about=""))

    def url(self, *steps: str, **query: str) -> str:
        """An address below the account's base_url."""
        base = self.account.base_url.rstrip("/")
        path = "/".join([base, *(quote(step, safe="") for step in steps)])
        return f"{path}?{urlencode(query)}" if query else path

    def socket(self, client: str) -> str:
        """The address of the websocket of a client's id."""
        place = self.url("ws", clientId=client)
        return f"ws{place.removeprefix('http')}"

    async def get(self, *steps: str, **query: str) -> Mapping[str, Any]:
        """The object at an address. Raises NoAnswer."""
        found: Mapping[str, Any] = (await self._get(self.url(*steps, **query)))[0]
        return found

    async def tell(self, *steps: str, body: Any) -> tuple[int, Any]:
        """POST a command → the status and the object in the answer, None where there is none. Raises
        NoAnswer where nothing came back, or a 5xx."""
        headers = self.headers() | {"content-type": "application/json"}
        content = msgspec.json.encode(body)
        try:
            response = await self.line.asking.post(
                self.url(*steps), content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        if response.status_code >= 500:
            raise NoAnswer(f"{self.name} answered {response.status_code} to {'/'.join(steps)}")
        try:
            return response.status_code, msgspec.json.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return response.status_code, None

    def look(self, *steps: str) -> Any:
        """The same as `get`, waited for by the caller's thread, for a short while. Raises NoAnswer."""
        try:
            response = httpx.get(self.url(*steps), headers=self.headers(), timeout=PATIENCE)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(str(error) or type(error).__name__) from None
        if response.status_code != 200:
            raise NoAnswer(f"it answered {response.status_code}")
        try:
            return msgspec.json.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NoAnswer("what answers there is no ComfyUI") from None


def address_wrong(name: str, account: EngineAccount) -> str:
    """What is wrong with an account's address; "" where nothing is."""
    place = urlsplit(account.base_url)
    if place.scheme in ("http", "https") and place.hostname:
        return ""
    return (
        f"engines.{name}.base_url is {account.base_url!r}; it must be an address such as "
        "http://127.0.0.1:8188"
    )
