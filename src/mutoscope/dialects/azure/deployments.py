"""Deployments: what Azure's programs send as `model` is a name of their owner's choice.

A name that leads to an engine here means what it says; any other stands for the model of the API that it
was sent to, as a deployment of that model would, and a notice says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mutoscope.catalog.load import qualified
from mutoscope.dialects.azure.asking import VENDOR
from mutoscope.dialects.azure.errors import no_deployment
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Notice

if TYPE_CHECKING:
    from mutoscope.server.house import House


def deployed(house: House, wish: Wish, usual: str) -> tuple[Wish, dict[str, Any]]:
    """The wish with a model that is known, and what its job shows again. Refusal (404) for an unknown
    one in compat=strict. `usual`: the model that such a name stands for."""
    name = wish.shot.get("model")
    if name is None:
        return wish, {}
    try:
        house.engines.named(qualified(name, VENDOR))
    except BadShot:
        pass
    else:
        return wish, {}
    strict = house.settings.server.compat == "strict" if wish.strict is None else wish.strict
    if strict:
        raise no_deployment(name, usual)
    notice = Notice(
        code="deployment",
        field="model",
        message=f"'{name[:80]}' is taken for a deployment of {usual}; routes.models in the server's "
        "settings can name another model or engine for it",
    )
    return (
        replace(wish, shot={**wish.shot, "model": usual}, notices=(*wish.notices, notice)),
        {"model": name},
    )
