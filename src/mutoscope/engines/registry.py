"""The engines of a server by name, and which of them films a shot.

The built-in ones and those that somebody installed come from the entry points, by their own names;
`[engines.NAME]` in the settings adds accounts elsewhere, each made of the entry point that its `kind`
names. An engine is made when it is first asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from mutoscope.catalog import load
from mutoscope.catalog.model import Contract
from mutoscope.catalog.rules import listed
from mutoscope.config import Settings
from mutoscope.engines import find
from mutoscope.engines.admission import films
from mutoscope.engines.base import AsyncEngine, Configured, Contracting, Engine, Local
from mutoscope.engines.door import Door
from mutoscope.errors import BadShot, ContractRefused, Missing, MutoscopeError
from mutoscope.shot import Shot

if TYPE_CHECKING:
    from mutoscope.compute.base import Compute


@lru_cache(maxsize=1024)
def _catalogued(model: str) -> Contract | None:
    try:
        return load.contract(model)
    except BadShot:
        return None


class Engines:
    """See the module. `given` are engines at hand, by name, beside those that are found."""

    def __init__(
        self,
        settings: Settings,
        compute: Compute,
        given: Mapping[str, Engine | AsyncEngine] | None = None,
    ) -> None:
        self._settings = settings
        self._compute = compute
        self._given = dict(given or {})
        self._doors: dict[str, Door] = {}
        kinds = {account.kind for account in settings.engines.values()}
        # an entry point that needs an account is no engine by itself
        alone = [name for name in find.names() if name not in kinds and name not in find.ACCOUNTS]
        self._names = tuple(dict.fromkeys((*alone, *self._given, *settings.engines)))

    def names(self) -> tuple[str, ...]:
        """Every engine that a shot can go to."""
        return self._names

    def get(self, name: str) -> Door:
        """The engine's door. Raises Missing where it is not, or no longer, in the settings."""
        if (door := self._doors.get(name)) is not None:
            return door
        if name not in self._names:
            raise Missing(f"engine {name} is not here; there are {listed(list(self._names))}")
        account = self._settings.engines.get(name)
        if name in self._given:
            made = self._given[name]
        elif account is not None:
            made = find.maker(account.kind)(name, account)
        else:
            made = find.engine(name)
        if isinstance(made, Configured):
            made = made.under(self._settings)
        if isinstance(made, Local):
            made = made.on(self._compute)
        self._doors[name] = Door(name, made, account)
        return self._doors[name]

    async def look(self) -> None:
        """See which engines of this machine are ready; what was seen a moment ago counts. The others say
        so themselves when they are asked."""
        doors = [door for name in self._names if (door := self._door(name)) and door.local]
        await asyncio.gather(*(door.look() for door in doors))

    def ready(self, name: str) -> bool:
        """Whether the engine was ready when it was last looked at."""
        door = self._door(name)
        return door is not None and door.ready.ready

    def devices(self) -> int:
        """How many films are made at a time by engines with devices of their own. Blocks: they may have to
        be counted."""
        doors = [door for name in self._names if (door := self._door(name)) and door.device]
        return max((door.devices for door in doors), default=1)

    def _door(self, name: str) -> Door | None:
        try:
            return self.get(name)
        except MutoscopeError:
            return None

    def contract(self, model: str) -> Contract | None:
        """What a model name, a vendor's or an engine's, takes; None for one that the catalogue has not."""
        own = self.own(model) if model in self._names else None
        if own is not None:
            return own
        if (known := _catalogued(model)) is not None:
            return known
        accounts = self._settings.engines.items()
        told = (self.own(name, model) for name, account in accounts if model in account.models)
        return next((one for one in told if one is not None), None)

    def own(self, engine: str, model: str = "") -> Contract | None:
        """What an engine itself takes, for that model where it has several: by the catalogue, or as it says;
        None where nobody says."""
        if engine in self._given or engine in self._settings.engines:
            made = self.get(engine).engine
            if isinstance(made, Contracting):
                return made.contract_of(model or engine)
            said = getattr(made, "contract", None)
            return said if isinstance(said, Contract) else None
        return find.contract(engine)

    def route(self, shot: Shot) -> str:
        """The engine for a shot, by its model's name. Raises BadShot for a name that means nothing
        here, ContractRefused where the shot has no picture and its engine needs one."""
        chosen = self.named(shot.model)
        if self._films(chosen, shot):
            return chosen
        fallback = self._settings.routes.text_only
        if shot.model != chosen and fallback in self._names and self._films(fallback, shot):
            return fallback
        raise self._without_picture(shot, chosen)

    def casts(self, engine: str, *, described: bool = True, model: str = "") -> bool:
        """Whether an engine takes characters: by its contract, or as it says itself (`characters`, the
        forms in which it takes them); one of which nobody says is believed to. `described`: whether
        they have descriptions, without which words are no form."""
        contract = self.own(engine, model)
        if contract is not None:
            return "cast" in contract.features
        forms = getattr(self.get(engine).engine, "characters", None)
        if forms is None:
            return True
        return any(described or form != "words" for form in forms)

    async def close(self) -> None:
        """Let go of what the engines hold."""
        for door in self._doors.values():
            await door.close()

    def named(self, model: str) -> str:
        """The engine that a model's name leads to. Raises BadShot for a name that means nothing here."""
        routes = self._settings.routes
        for said in dict.fromkeys((model, load.bare(model))):  # "azure/sora-2" before "sora-2"
            if said in routes.models:
                return self._configured(routes.models[said], f"routes.models.{said}")
            if said in self._names:
                return said
            for name, account in self._settings.engines.items():
                if said in account.models:
                    return name
        if self.contract(model) is not None:
            return self._configured(routes.default, "routes.default")
        known = [*self._names, *routes.models, *(one.model for one in load.contracts())]
        near = get_close_matches(model, list(dict.fromkeys(known)), n=2)
        hint = (
            f"did you mean {listed(near)}?"
            if near
            else "routes.models in the settings can name an engine for it"
        )
        raise BadShot.of("model", model, "the name of an engine or model known here", hint)

    def _configured(self, engine: str, setting: str) -> str:
        if engine in self._names:
            return engine
        raise Missing(
            f"{setting} is {engine!r}, which is no engine here; "
            f"there are {listed(list(self._names))}"
        )

    def _films(self, engine: str, shot: Shot) -> bool:
        return films(shot, self.own(engine, shot.model))

    def _makes(self, engine: str, shot: Shot) -> bool:
        """Whether an engine could be asked for it in the place of another: some need no picture only because
        they have a film."""
        own = self.own(engine, shot.model)
        return films(shot, own) and (own is None or shot.kind in own.kinds)

    def _without_picture(self, shot: Shot, chosen: str) -> ContractRefused:
        able = [name for name in self._names if self.ready(name) and self._makes(name, shot)]
        if not able:
            mend = (
                "give one; no engine that is ready here films words alone, but a model with open weights "
                "can be pulled (mutoscope models list), or one that speaks /v1/videos be set up as "
                '[engines.NAME] with kind = "openai_videos", and be named in routes.text_only'
            )
        elif shot.model == chosen:
            mend = f"give one, or ask {listed(able)} for it"
        else:
            mend = (
                f"give one; {listed(able)} could film words alone, "
                "where routes.text_only in the settings names it"
            )
        return ContractRefused(
            f"the shot has no picture, and {chosen} films a photograph: {mend}",
            field="input_reference",
            code="missing_required_parameter",
            hint=mend,
        )
