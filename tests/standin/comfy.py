"""A stand-in ComfyUI: a process that speaks its HTTP and websocket, films what a workflow says in grey, and
counts how often it ran each order.

    python tests/standin/comfy.py --port 0 --manner new --takes 0.5

Manners: *new* takes a client's prompt_id (a UUID), cancels by id, tells `progress_state` and whose a
preview is; *middle* interrupts by prompt_id; *old* makes its own ids, interrupts whatever is at work, and
tells `progress` and `executing` alone. `POST /control` changes it, `GET /control` tells what it saw:

========= =================================================================================
create    faults of the next POST /prompt, one each: 400 500 drop-before; taken: drop-after
          taken-500 hang-after
upload    faults of the next uploads: 413 500 drop
outcome   done, error, or nothing (it ends without a file), of later runs
hold      a run stays at its node until this is false
takes     seconds of later runs
restart   true: the queue and the history are gone, as after a start
socket    false: there is no websocket
partial   node_errors of workflows that are taken all the same
========= =================================================================================
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from typing import Any

from comfy_nodes import KINDS, wrong
from comfy_work import Run, Works
from vendor_http import Answer, Drop, Request, answer, converse, parts

FOREVER = 3600.0
FAULTS = ("create", "upload")


class Comfy:
    """See the module."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.manner: str = options.manner
        self.works = Works(self.manner, options.takes, options.file)
        self.key: str = options.key
        self.faults: dict[str, list[str]] = {name: [] for name in FAULTS}

    def next_fault(self, kind: str) -> str:
        return self.faults[kind].pop(0) if self.faults[kind] else ""

    def before(self, request: Request) -> None:
        create = request.method == "POST" and request.path == "/prompt"
        if create and self.faults["create"][:1] == ["drop-before"]:
            self.next_fault("create")
            raise Drop

    async def handle(self, request: Request) -> Answer:
        if request.path == "/control":
            return self.control(request)
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return Answer(401, {}, [b"Unauthorized"])
        self.works.asked[f"{request.method} /{request.path.split('/')[1]}"] += 1
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["system_stats"]:
                return answer({"system": {"comfyui_version": "0.9.0"}, "devices": []})
            case "GET", ["object_info", kind]:
                return answer({kind: KINDS[kind].shown()} if kind in KINDS else {})
            case "POST", ["upload", "image"]:
                return self.upload(request)
            case "POST", ["prompt"]:
                return await self.prompt(request)
            case "GET", ["queue"]:
                return answer(self.works.queue_shown())
            case "POST", ["queue"]:
                for id in json.loads(request.body).get("delete", []):
                    self.works.dequeue(id)
                return Answer(200)
            case "POST", ["interrupt"]:
                id = json.loads(request.body or b"{}").get("prompt_id")
                self.works.interrupt(None if self.manner == "old" else id)
                return Answer(200)
            case "POST", ["api", "jobs", id, "cancel"] if self.manner == "new":
                done = self.works.dequeue(id) or self.works.interrupt(id)
                return answer({"cancelled": done})
            case "GET", ["history"]:
                return answer(dict(list(self.works.history.items())[-200:]))
            case "GET", ["history", id]:
                found = self.works.history.get(id)
                return answer({id: found} if found else {})
            case "GET", ["view"]:
                content = self.works.files.get(
                    (request.query.get("type", "output"), request.query.get("subfolder", ""),
                     request.query["filename"])
                )  # fmt: skip
                if content is None:
                    return Answer(404)
                return Answer(200, {"content-type": "application/octet-stream"}, [content])
            case "GET", _:
                return Answer(404)
        return Answer(405, {}, [b"405: Method Not Allowed"])

    def upload(self, request: Request) -> Answer:
        trouble = self.next_fault("upload")
        if trouble == "drop":
            raise Drop
        if trouble:
            return Answer(int(trouble), {}, [b"no"])
        found = {part.name: part for part in parts(request)}
        image = found["image"]
        folder = found["subfolder"].content.decode() if "subfolder" in found else ""
        name = image.filename or ""
        self.works.inputs[f"{folder}/{name}" if folder else name] = image.content
        return answer({"name": name, "subfolder": folder, "type": "input"})

    async def prompt(self, request: Request) -> Answer:
        trouble = self.next_fault("create")
        if trouble.isdigit():
            return Answer(int(trouble), {}, [b"500 Internal Server Error"])
        sent = json.loads(request.body)
        if (bad := wrong(sent, self.manner, self.works.inputs)) is not None:
            return answer(bad, 400)
        run = self.works.put(sent)
        if trouble == "drop-after":
            raise Drop
        if trouble == "taken-500":
            return Answer(500)
        if trouble == "hang-after":
            await asyncio.sleep(FOREVER)
        told = {"prompt_id": run.id, "number": run.number, "node_errors": self.works.partial}
        return answer(told)

    def control(self, request: Request) -> Answer:
        if request.method == "GET":
            return answer(self.works.report())
        for name, value in json.loads(request.body).items():
            if name in FAULTS:
                self.faults[name] = list(value)
            elif name == "restart":
                self.works.restart()
            elif name in ("outcome", "hold", "takes", "socket", "partial"):
                setattr(self.works, name, value)
            else:
                return answer({"error": f"control knows no {name}"}, 400)
        return answer({})


async def main(options: argparse.Namespace) -> None:
    comfy = Comfy(options)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        async def handle(request: Request) -> Answer:
            if request.path == "/ws" and comfy.works.socket:
                await comfy.works.sockets.serve(request, reader, writer)
                raise ConnectionError
            return await comfy.handle(request)

        with contextlib.suppress(asyncio.CancelledError):
            await converse(reader, writer, handle, comfy.before)

    server = await asyncio.start_server(serve, "127.0.0.1", options.port, backlog=256)
    port = server.sockets[0].getsockname()[1]
    print(f"ComfyUI is at http://127.0.0.1:{port}", flush=True)  # noqa: T201
    worker = asyncio.create_task(comfy.works.work())
    async with server:
        await asyncio.gather(server.serve_forever(), worker)


def read(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A stand-in ComfyUI.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--manner", choices=["new", "middle", "old"], default="new")
    parser.add_argument("--takes", type=float, default=0.1, help="seconds a run takes")
    parser.add_argument("--file", default="mp4", help="kind of file that SaveVideo writes")
    parser.add_argument("--key", default="", help="the key that a proxy before it asks for")
    return parser.parse_args(argv)


__all__ = ["Comfy", "Run"]

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(read()))
