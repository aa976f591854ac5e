"""/videos as Azure has it: the OpenAI dialect's handlers, under this vendor's contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.types import Scope

from mutoscope.dialects.azure import asking
from mutoscope.dialects.azure.asking import DIALECT, VENDOR
from mutoscope.dialects.azure.beginning import settled
from mutoscope.dialects.azure.deployments import deployed
from mutoscope.dialects.openai.videos import Videos
from mutoscope.dialects.shared.answers import Signer, caller, hosts
from mutoscope.dialects.shared.finding import Finder
from mutoscope.dialects.shared.making import MODEL
from mutoscope.dialects.shared.wish import Operation, Wish
from mutoscope.server.body import Body

if TYPE_CHECKING:
    from mutoscope.server.house import House

ROOT = "/openai"


class AzureVideos(Videos):
    """See the module."""

    several = asking.FILES

    def __init__(self, house: House) -> None:
        super().__init__(house, DIALECT, VENDOR)

    def signed(self, scope: Scope) -> Signer:
        """Links under the host that was called, for it is the one that the caller's network lets in."""
        return Signer(self.house, scope, scope["state"].get("prefix", "") + ROOT)

    def signer(self, request: Request) -> Signer:
        return self.signed(request.scope)

    async def wish(
        self, operation: Operation, body: Body, request: Request, original: str
    ) -> tuple[Wish, dict[str, Any]]:
        asked = asking.video(
            operation, body.fields, original, request.path_params.get("deployment", "")
        )
        who, names = caller(request), hosts(request, self.house)
        wish = await settled(self.house, asked, Finder(self.house, self.creating.files, who, names))
        return deployed(self.house, wish, MODEL)
