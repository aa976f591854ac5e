"""An order on its way: its files are uploaded, then its workflow is sent, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.compute.awaited import called
from mutoscope.compute.base import Compute
from mutoscope.config import EngineAccount
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.comfyui import answers
from mutoscope.engines.comfyui.asking import Asking
from mutoscope.engines.comfyui.assign import Assigned
from mutoscope.engines.comfyui.fill import filled, optional_kinds
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.engines.comfyui.marks import marked
from mutoscope.engines.comfyui.placeholders import Values
from mutoscope.engines.comfyui.uploading import Uploading
from mutoscope.engines.openai_videos.asking import NoAnswer
from mutoscope.engines.openai_videos.encoding import Body
from mutoscope.engines.openai_videos.sending import post
from mutoscope.errors import NotAccepted


class Sending:
    """See the module. `name` is the engine's, for messages."""

    def __init__(self, name: str, account: EngineAccount, asking: Asking) -> None:
        self.name = name
        self.account = account
        self._asking = asking
        self._uploading = Uploading(asking)
        self._needs: dict[str, frozenset[str]] = {}

    async def sent(
        self, order: Order, graph: Graph, given: Assigned, id: str, compute: Compute
    ) -> tuple[str, tuple[Instruction, ...]]:
        """The workflow's id there, `id` where the server takes one, and what of it is not run. All of it takes
        the account's timeout at most. Raises NotAccepted or Unconfirmed: see `openai_videos.sending`."""
        end = time.monotonic() + self.account.timeout
        try:
            async with asyncio.timeout(self.account.timeout):
                names = await self._uploading.all(await _marked(order, given.files, compute))
                needs = await self._needed(graph, given.files)
        except TimeoutError:
            raise NotAccepted(f"{self.name} took too long to take the files", code="slow") from None
        except NoAnswer as error:
            raise NotAccepted(error.message, code="unreachable") from None
        content = msgspec.json.encode(
            {
                "prompt": filled(graph, Values(given.values | names, given.quiet), needs),
                "prompt_id": id,
                "client_id": id,
                "extra_data": {"mutoscope": order.key, "preview_method": "auto"},
            }
        )
        answer = await post(
            self._asking.line.sending,
            self._asking.url("prompt"),
            Body("application/json", (content,), len(content)),
            self._asking.headers(),
            name=self.name,
            secret=self._asking.key,
            seconds=max(end - time.monotonic(), 0.1),
            id=_id_in,
            refusal=answers.refusal,
        )
        if not answer.get("node_errors"):
            return str(_id_in(answer)), ()
        why = answers.refusal(msgspec.json.encode(answer), 200, self._asking.key)[0]
        left_out = f"{self.name} left it out: {why}"
        said = Instruction("part of the workflow", "not_possible", left_out)
        return str(_id_in(answer)), (said,)

    async def _needed(self, graph: Graph, files: Mapping[str, Path]) -> dict[str, frozenset[str]]:
        """What the nodes that a missing file touches cannot do without. Raises NoAnswer."""
        for kind in optional_kinds(graph, files) - self._needs.keys():
            told = (await self._asking.get("object_info", kind)).get(kind)
            inputs = told.get("input") if isinstance(told, Mapping) else None
            if isinstance(inputs, Mapping):
                self._needs[kind] = frozenset(inputs.get("required") or ())
        return self._needs


async def _marked(order: Order, files: Mapping[str, Path], compute: Compute) -> dict[str, Path]:
    """The files, marks among them as the first picture lands in the frame. Raises BadImage."""
    plan = next((order.stills[at].plan for at in sorted(order.stills)), None)
    made = dict(files)
    if plan is None or plan.whole:
        return made
    for name in files:
        if name.startswith("mask_"):
            out = order.folder / f"{name}.png"
            made[name] = await called(compute, marked, files[name], plan, out)
    return made


def _id_in(answer: Mapping[str, Any]) -> str | None:
    found = answer.get("prompt_id")
    return found if isinstance(found, str) and found else None
