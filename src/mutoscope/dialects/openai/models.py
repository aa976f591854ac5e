"""/v1/models: the names that a request can give as `model` here, vendors' and engines' own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.catalog import load
from mutoscope.dialects.openai.answers import answer
from mutoscope.dialects.openai.asking import VENDOR
from mutoscope.errors import MutoscopeError
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

CREATED = 1_759_708_800  # 2025-10-06, the day of the first Sora 2 snapshot
OWN = "mutoscope"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """The service's Model object; `engine` is what films it here."""

    id: str
    object: str = "model"
    created: int = CREATED
    owned_by: str
    engine: str


def models(house: House, vendor: str = VENDOR) -> list[Model]:
    """Every name that leads to an engine that is ready, in the catalogue's order, then the engines' own. `vendor`:
    whose names the bare ones are."""
    owners = {
        name: vendor
        for one in load.contracts(vendor)
        for name in one.names
    }  # fmt: skip
    owners |= dict.fromkeys(house.settings.routes.models, OWN)
    for account in house.settings.engines.values():
        owners |= {name: OWN for name in account.models if name not in owners}
    owners |= {name: OWN for name in house.engines.names() if name not in owners}
    found = []
    for name, owner in owners.items():
        if (engine := _engine(house, name)) is not None:
            found.append(Model(id=name, owned_by=owner, engine=engine))
    return found


class Models:
    """The handlers."""

    def __init__(self, house: House, vendor: str = VENDOR) -> None:
        self.house, self.vendor = house, vendor

    async def list(self, request: Request) -> Response:
        await self.house.engines.look()
        return answer({"object": "list", "data": models(self.house, self.vendor)})

    async def retrieve(self, request: Request) -> Response:
        name = request.path_params["model"]
        await self.house.engines.look()
        for model in models(self.house, self.vendor):
            if model.id == name:
                return answer(model)
        raise Refusal(
            f"The model '{name[:80]}' does not exist",
            status=404,
            param="model",
            code="model_not_found",
            hint="GET /v1/models lists the names known here",
        )


def _engine(house: House, name: str) -> str | None:
    """The engine that films it, with a picture; None where the settings lead nowhere, or to one that cannot
    film now."""
    try:
        engine = house.engines.named(name)
    except MutoscopeError:
        return None
    return engine if house.engines.ready(engine) else None
