"""The engine: a shot's values go into the owner's workflow, the workflow into ComfyUI's queue.

It is an `AsyncEngine` of accounts in the settings, `[engines.NAME] kind = "comfyui"`. A workflow's id is
made of the order's key, so that an order whose answer was lost is found again in the queue or the history.
It is not idempotent: ComfyUI runs a second workflow of the same id, too.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.catalog.model import Contract
from mutoscope.compute.awaited import called
from mutoscope.compute.base import Compute
from mutoscope.compute.threads import Threads
from mutoscope.config import EngineAccount
from mutoscope.engines.base import (
    Footage,
    Instruction,
    Operation,
    Order,
    Readiness,
    Recovery,
    Status,
)
from mutoscope.engines.comfyui import answers, contract, fetching, listening
from mutoscope.engines.comfyui.asking import Asking, address_wrong
from mutoscope.engines.comfyui.assign import Assigned, assigned, wanted
from mutoscope.engines.comfyui.bringing import Wanted, brought
from mutoscope.engines.comfyui.checking import unlike
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.engines.comfyui.graphs import Graphs
from mutoscope.engines.comfyui.progress import shares
from mutoscope.engines.comfyui.queue import Queue
from mutoscope.engines.comfyui.sending import Sending
from mutoscope.engines.comfyui.watching import Watching, id_of
from mutoscope.errors import BadInput, EngineFailed, Missing, NotAccepted
from mutoscope.shot import Size

#: Workflow ids of orders.
_NAMES = uuid.UUID("8d7f3a52-6a0e-4c64-9b8e-0c0f5ad4f3a1")
_SCANNED = 200  # entries of the history that are searched for an order
#: Answers to a route that this ComfyUI does not have.
_NO_ROUTE = (404, 405)


class ComfyUI:
    """See the module. `name` is the account's."""

    recovery: Recovery = "listable"

    def __init__(self, name: str, account: EngineAccount) -> None:
        self.name = name
        self.account = account
        self.graphs = Graphs(name, account)
        self._asking = Asking(name, account)
        self._queue = Queue(self._asking)
        self._sending = Sending(name, account, self._asking)
        self._compute: Compute = Threads()
        self._watching = Watching(self._asking, self._queue)
        self._stopped: deque[str] = deque(maxlen=100)

    def on(self, compute: Compute) -> ComfyUI:
        """The same engine, with films decoded and written by `compute`."""
        if compute is not None:
            self._compute = compute
        return self

    # --- what it is -------------------------------------------------------------------------------

    def check(self) -> Readiness:
        """Whether the settings and workflows can be used, and ComfyUI answers and has their nodes."""
        if reasons := self._wrong():
            return Readiness(ready=False, reasons=tuple(reasons))
        reasons, limits = unlike(self._asking, self.graphs.all())
        if not listening.possible():
            limits.append(
                "the library websockets is not here: no progress within a film, and no previews"
            )
        return Readiness(ready=not reasons, reasons=tuple(reasons), limits=tuple(limits))

    def contract_of(self, model: str) -> Contract | None:
        """What a model, a name of the account's workflows, can take; None where that cannot be told."""
        try:
            graph = self.graphs.get(model)
        except BadInput:
            return None
        return contract.contract(graph, model, self.name)

    # --- orders -----------------------------------------------------------------------------------

    async def start(self, order: Order) -> Operation:
        """Upload the order's files, then send its workflow, once. Raises NotAccepted or Unconfirmed: see
        `openai_videos.sending`; Missing where the settings are not complete."""
        if reasons := await asyncio.to_thread(self._wrong, order.shot.model):
            raise Missing(f"engine {self.name} is not ready: {'; '.join(reasons)}")
        graph = self._graph(order)
        given = assigned(order, graph, self.name)
        id = str(uuid.uuid5(_NAMES, order.key)) if order.key else str(uuid.uuid4())
        theirs, said = await self._sending.sent(order, graph, given, id, self._compute)
        self._queue.forget()
        given = replace(given, said=(*given.said, *said))
        return self._operation(theirs, id, order, graph, given)

    async def find(self, order: Order) -> Operation | None:
        """The operation of the order, in the queue or the history; None where it is in neither. It is found
        also where its workflow has been changed since. Raises NoAnswer."""
        id = str(uuid.uuid5(_NAMES, order.key))
        theirs = await self._found(id, order.key)
        if theirs is None:
            return None
        try:
            graph = self._graph(order)
            return self._operation(theirs, id, order, graph, assigned(order, graph, self.name))
        except (BadInput, NotAccepted):
            bare = {"id": theirs, "client": id, "wanted": wanted(order.shot), "fps": order.shot.fps}
            return Operation(self.name, bare)

    async def _found(self, id: str, key: str) -> str | None:
        """The id there of an order: the queue first, for what leaves it in between is in the history then."""
        for item in (await self._queue.read(fresh=True)).items:
            if item.id == id or (key and item.mark == key):
                return item.id
        if id in await self._asking.get("history", id):
            return id
        entries = await self._asking.get("history", max_items=str(_SCANNED))
        return next((name for name, entry in entries.items() if key and _mark(entry) == key), None)

    async def status(self, operation: Operation) -> Status:
        """What has become of it. Raises NoAnswer where that could not be learned."""
        (told,) = await self.statuses([operation])
        if isinstance(told, BaseException):
            raise told
        return told

    async def statuses(self, operations: Sequence[Operation]) -> Sequence[Status | BaseException]:
        """What has become of many: one look at the queue, and at the history for those that left it."""
        return await self._watching.statuses(operations)

    async def fetch(self, operation: Operation, folder: Path) -> Footage:
        """The film that the workflow wrote, brought to what was asked for. Raises EngineFailed where it did
        not come whole: it can be fetched again."""
        id, detail = id_of(operation), operation.detail
        entry = (await self._asking.get("history", id)).get(id)
        made = answers.made(entry, str(detail.get("output", ""))) if entry else None
        if made is None:
            raise EngineFailed(f"{self.name} has no film of {id}", code="no_film")
        begin = time.monotonic()
        source = await fetching.fetched(self._asking, made.files, folder)
        fetched = time.monotonic()
        asked = detail.get("wanted", {})
        width, height = map(int, str(asked["size"]).split("x"))
        want = Wanted(Size(width, height), asked.get("fps"), asked.get("frames"))
        rate = float(detail["fps"])
        film = await called(self._compute, brought, source, rate, want, folder / "footage.mp4")
        await asyncio.to_thread(fetching.removed, source)
        said = msgspec.convert(detail.get("said", []), tuple[Instruction, ...])
        said += tuple(Instruction(words, "approximated", how) for words, how in film.said)
        notes = [f"filmed by {self.name}"]
        if made.others:
            notes.append(f"the workflow wrote more, which was left there: {', '.join(made.others)}")
        spent = {"download": fetched - begin, "bring": time.monotonic() - fetched}
        return Footage(
            film.path, film.frames, said, tuple(notes),
            {name: round(value, 3) for name, value in spent.items()},
            fps=film.fps, size=film.size,
        )  # fmt: skip

    async def cancel(self, operation: Operation) -> None:
        """Take it out of the queue, or stop it, and nothing else. Raises NoAnswer."""
        id = id_of(operation)
        self._watching.end(id)
        status, _ = await self._asking.tell("api", "jobs", id, "cancel", body={})
        if status not in _NO_ROUTE:
            return
        await self._asking.tell("queue", body={"delete": [id]})
        at_work = (await self._queue.read(fresh=True)).place(id) == 0
        if at_work and id not in self._stopped:
            # the oldest servers stop whatever is at work: never asked for twice, for by then the next one is
            self._stopped.append(id)
            await self._asking.tell("interrupt", body={"prompt_id": id})

    async def close(self) -> None:
        """Let go of the connections."""
        await self._watching.close()
        await self._asking.close()

    # --- parts ------------------------------------------------------------------------------------

    def _wrong(self, model: str = "") -> list[str]:
        """What is wrong with the settings, and with the workflow of `model`, or with any."""
        address = address_wrong(self.name, self.account)
        variable = self.account.api_key_env
        key = variable and not self._asking.key
        said = [address] if address else []
        if key:
            said.append(f"engines.{self.name}.api_key_env names {variable}, which is not set")
        if not model:
            return [*said, *self.graphs.wrong()]
        try:
            self.graphs.get(model)
        except BadInput as error:
            said.append(error.message)
        return said

    def _graph(self, order: Order) -> Graph:
        graph = self.graphs.get(order.shot.model)
        if order.shot.kind not in contract.kinds(graph):
            refused = NotAccepted(
                f"{graph.file} cannot {order.shot.kind} a film", code="not_possible"
            )
            refused.final = True
            raise refused
        return graph

    def _operation(
        self, id: str, client: str, order: Order, graph: Graph, given: Assigned
    ) -> Operation:
        detail = {
            "id": id,
            "client": client,
            "output": graph.table.output,
            "shares": shares(graph.nodes),
            "titles": {name: graph.title(name) for name in graph.nodes},
            "wanted": wanted(order.shot),
            "fps": given.fps,
            "said": msgspec.to_builtins(given.said),
        }
        return Operation(self.name, detail)


def _mark(entry: Any) -> str:
    """The key that an order was sent with, of an entry of the history."""
    prompt = entry.get("prompt") if isinstance(entry, Mapping) else None
    extra = prompt[3] if isinstance(prompt, list) and len(prompt) > 3 else None
    return str(extra.get("mutoscope", "")) if isinstance(extra, Mapping) else ""
