"""What the stand-in ComfyUI does with workflows: a queue, one run at a time, its messages and files."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import struct
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from comfy_nodes import KINDS, order
from vendor_film import made
from vendor_http import Request
from vendor_work import png_size

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Run:
    number: int
    id: str
    graph: dict[str, Any]
    extra: dict[str, Any]
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def row(self) -> list[Any]:
        return [self.number, self.id, self.graph, self.extra, []]


class Sockets:
    """Websockets by client id (RFC 6455, as far as a server that only tells needs it)."""

    def __init__(self) -> None:
        self.open: dict[str, asyncio.StreamWriter] = {}
        self.hello: dict[str, dict[str, Any]] = {}
        self.seen: Counter[str] = Counter()

    async def serve(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        key = request.headers["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        sid = request.query.get("clientId") or uuid.uuid4().hex
        self.open[sid] = writer
        self.seen[sid] += 1
        self.send(sid, "status", {"status": {"exec_info": {"queue_remaining": 0}}, "sid": sid})
        try:
            while (message := await _frame(reader)) is not None:
                value = json.loads(message)
                if value.get("type") == "feature_flags":
                    self.hello[sid] = value["data"]
        finally:
            if self.open.get(sid) is writer:
                del self.open[sid]

    def send(self, sid: str, kind: str, data: dict[str, Any]) -> None:
        self._write(sid, 0x81, json.dumps({"type": kind, "data": data}).encode())

    def send_bytes(self, sid: str, message: bytes) -> None:
        self._write(sid, 0x82, message)

    def _write(self, sid: str, head: int, payload: bytes) -> None:
        writer = self.open.get(sid)
        if writer is None or writer.is_closing():
            return
        size = len(payload)
        length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
        if size > 0xFFFF:
            length = b"\x7f" + struct.pack(">Q", size)
        writer.write(bytes([head]) + length + payload)


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """A client's short text; None where it goes."""
    try:
        head, second = await reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", await reader.readexactly(2))[0]
        mask = await reader.readexactly(4)
        payload = await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    if head & 0x0F == 8:
        return None
    return bytes(one ^ mask[at % 4] for at, one in enumerate(payload)) or b"{}"


class Works:
    def __init__(self, manner: str, takes: float, file: str) -> None:
        self.manner, self.takes, self.file = manner, takes, file
        self.outcome, self.hold, self.socket = "done", False, True
        self.partial: dict[str, Any] = {}
        self.sockets = Sockets()
        self.pending: list[Run] = []
        self.running: Run | None = None
        self.history: dict[str, Any] = {}
        self.inputs: dict[str, bytes] = {}
        self.files: dict[tuple[str, str, str], bytes] = {}
        self.taken: list[Run] = []
        self.runs: Counter[str] = Counter()  # by the order's mark
        self.cancelled: list[str] = []
        self.asked: Counter[str] = Counter()
        self._number = 0

    def put(self, sent: dict[str, Any]) -> Run:
        self._number += 1
        own = sent.get("prompt_id") if self.manner != "old" else None
        extra = dict(sent.get("extra_data") or {}) | {"client_id": sent.get("client_id", "")}
        run = Run(self._number, own or str(uuid.uuid4()), sent["prompt"], extra)
        self.pending.append(run)
        self.taken.append(run)
        return run

    def dequeue(self, id: str) -> bool:
        found = [run for run in self.pending if run.id == id]
        self.pending = [run for run in self.pending if run.id != id]
        self.cancelled += [run.id for run in found]
        return bool(found)

    def interrupt(self, id: str | None) -> bool:
        if self.running is None or id not in (None, self.running.id):
            return False
        if not self.running.stop.is_set():
            self.running.stop.set()
            self.cancelled.append(self.running.id)
        return True

    def restart(self) -> None:
        self.pending.clear()
        if self.running is not None:
            self.running.stop.set()
            self.running = None
        self.history.clear()

    def queue_shown(self) -> dict[str, Any]:
        running = [] if self.running is None else [self.running.row]
        # a heap, so not in order
        return {
            "queue_running": running,
            "queue_pending": [run.row for run in reversed(self.pending)],
        }

    async def work(self) -> None:
        while True:
            if not self.pending:
                await asyncio.sleep(0.005)
                continue
            run = self.running = self.pending.pop(0)
            self.runs[str(run.extra.get("mutoscope", ""))] += 1
            entry = await self._run(run)
            if self.running is run:
                self.running = None
                self.history[run.id] = entry

    async def _run(self, run: Run) -> dict[str, Any]:
        messages: list[Any] = []
        outputs: dict[str, Any] = {}

        def tell(kind: str, data: dict[str, Any]) -> None:
            data = data | {"prompt_id": run.id, "timestamp": int(time.time() * 1000)}
            messages.append([kind, data])
            self.sockets.send(run.extra["client_id"], kind, data)

        tell("execution_start", {})
        tell("execution_cached", {"nodes": []})
        names = order(run.graph)
        kinds = {name: KINDS[run.graph[name]["class_type"]] for name in names}
        parts = sum(max(1, kind.steps) for kind in kinds.values())
        done: list[str] = []
        for name in names:
            for step in range(max(1, kinds[name].steps)):
                self._step(run, name, step, max(1, kinds[name].steps), done)
                await self._pause(run, self.takes / parts)
                if run.stop.is_set():
                    tell("execution_interrupted", self._at(run, name) | {"executed": done})
                    return self._entry(run, {}, "error", messages)
            if self.outcome == "error" and kinds[name].steps:
                tell("execution_error", self._at(run, name) | {
                    "exception_message": "Allocation on device 0 would exceed allowed memory.\n",
                    "exception_type": "torch.OutOfMemoryError", "traceback": ["..."]})  # fmt: skip
                return self._entry(run, {}, "error", messages)
            done.append(name)
            shown = self._output(run, name) if self.outcome != "nothing" else {}
            if shown:
                outputs[name] = shown
                data = {"node": name, "output": shown, "prompt_id": run.id}
                self.sockets.send(run.extra["client_id"], "executed", data)
        tell("execution_success", {})
        return self._entry(run, outputs, "success", messages)

    async def _pause(self, run: Run, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (self.hold or time.monotonic() < end) and not run.stop.is_set():
            await asyncio.sleep(0.005)

    def _at(self, run: Run, name: str) -> dict[str, Any]:
        return {"node_id": name, "node_type": run.graph[name]["class_type"]}

    def _entry(
        self, run: Run, outputs: dict[str, Any], status: str, messages: list[Any]
    ) -> dict[str, Any]:
        told = {"status_str": status, "completed": status == "success", "messages": messages}
        return {"prompt": run.row, "outputs": outputs, "status": told, "meta": {}}

    def _step(self, run: Run, name: str, step: int, steps: int, done: list[str]) -> None:
        sid = run.extra["client_id"]
        at = {"value": step, "max": steps, "prompt_id": run.id}
        if self.manner == "old":
            if step == 0:
                self.sockets.send(sid, "executing", {"node": name, "prompt_id": run.id})
            if steps > 1:
                self.sockets.send(sid, "progress", at | {"node": name})
        else:
            ended = {
                one: {"value": 1, "max": 1, "state": "finished", "display_node_id": one}
                for one in done
            }
            now = at | {"state": "running", "node_id": name, "display_node_id": name}
            data = {"prompt_id": run.id, "nodes": ended | {name: now}}
            self.sockets.send(sid, "progress_state", data)
        if steps > 1:
            self._preview(run, sid, step)

    def _preview(self, run: Run, sid: str, step: int) -> None:
        from PIL import Image

        out = io.BytesIO()
        Image.new("RGB", (16, 9), (40 * step, 90, 120)).save(out, "JPEG")
        if (
            self.sockets.hello.get(sid, {}).get("supports_preview_metadata")
            and self.manner == "new"
        ):
            told = json.dumps({"prompt_id": run.id, "image_type": "image/jpeg"}).encode()
            self.sockets.send_bytes(sid, struct.pack(">II", 4, len(told)) + told + out.getvalue())
        else:
            self.sockets.send_bytes(sid, struct.pack(">II", 1, 1) + out.getvalue())

    def _output(self, run: Run, name: str) -> dict[str, Any]:
        node = run.graph[name]
        width, height, frames = _latent(run.graph)
        fps = _rate(run.graph)
        match node["class_type"]:
            case "SaveVideo":
                if self.file == "silent-webm":
                    return self._kept(name, "webm", _webm(width, height, frames, fps), "animated")
                return self._kept(
                    name, "mp4", _tagged(made(width, height, frames, round(fps))), "animated"
                )
            case "VHS_VideoCombine":
                told = self._kept(name, "mp4", made(width, height, frames, round(fps)))
                more = {"format": "video/h264-mp4", "frame_rate": fps}
                return {"gifs": [told["images"][0] | more]}
            case "SaveAnimatedWEBP":
                return self._kept(name, "webp", _webp(width, height, frames, fps), "animated")
            case "SaveImage":
                rows = [self._kept(f"{name}_{at}", "png", _png(width, height, at))["images"][0]
                        for at in range(frames)]  # fmt: skip
                return {"images": rows}
            case "PreviewImage":
                shown = self._kept(name, "png", _png(width, height, 0), folder="temp")
                return {"images": shown["images"]}
        return {}

    def _kept(
        self, name: str, ending: str, content: bytes, flag: str = "", folder: str = "output"
    ) -> dict[str, Any]:
        file = f"film_{name}_{len(self.files):05}_.{ending}"
        self.files[(folder, "video", file)] = content
        told: dict[str, Any] = {
            "images": [{"filename": file, "subfolder": "video", "type": folder}]
        }
        return told | ({flag: [True]} if flag else {})

    def report(self) -> dict[str, Any]:
        sizes = {name: png_size(content) for name, content in self.inputs.items()}
        return {
            "runs": dict(self.runs),
            "taken": [{"id": run.id, "graph": run.graph, "extra": run.extra} for run in self.taken],
            "inputs": {
                name: f"{size[0]}x{size[1]}" if size else "" for name, size in sizes.items()
            },
            "cancelled": self.cancelled,
            "asked": dict(self.asked),
            "sockets": dict(self.sockets.seen),
            "waiting": [run.id for run in self.pending],
            "running": self.running.id if self.running else "",
        }


def _latent(graph: dict[str, Any]) -> tuple[int, int, int]:
    for node in graph.values():
        if "length" in node["inputs"]:
            given = node["inputs"]
            return given["width"], given["height"], given["length"]
    return 64, 36, 5


def _rate(graph: dict[str, Any]) -> float:
    for node in graph.values():
        for name in ("fps", "frame_rate"):
            if name in node["inputs"]:
                return float(node["inputs"][name])
    return 16.0


def _tagged(film: bytes) -> bytes:
    """The film with the workflow in it, as ComfyUI writes it."""
    import av

    out = io.BytesIO()
    options = {"movflags": "use_metadata_tags"}
    with (
        av.open(io.BytesIO(film), "r") as source,
        av.open(out, "w", "mp4", options=options) as copy,
    ):
        copy.metadata["prompt"] = '{"secret": "the owner\'s workflow"}'
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    return out.getvalue()


def _frames(width: int, height: int, frames: int) -> Any:
    import numpy as np

    return [np.full((height, width, 3), 40 + 150 * at // frames, np.uint8) for at in range(frames)]


def _webm(width: int, height: int, frames: int, fps: float) -> bytes:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream(
            "libvpx-vp9", rate=round(fps), options={"deadline": "realtime"}
        )
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in _frames(width, height, frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(stream.encode())
    return out.getvalue()


def _webp(width: int, height: int, frames: int, fps: float) -> bytes:
    from PIL import Image

    first, *rest = [Image.fromarray(one) for one in _frames(width, height, frames)]
    out = io.BytesIO()
    first.save(
        out, "WEBP", save_all=True, append_images=rest, duration=round(1000 / fps), lossless=True
    )
    return out.getvalue()


def _png(width: int, height: int, at: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (30 + 10 * at, 80, 90)).save(out, "PNG")
    return out.getvalue()
