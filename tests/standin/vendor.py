"""A stand-in vendor: a process that speaks /v1/videos in the manner of several servers, misbehaves as it
is told, and counts what it would have billed.

    python tests/standin/vendor.py --port 0 --manner sora --takes 0.5

It prints its address on one line. `POST /control` changes it, `GET /control` tells what it saw:

========== =================================================================================
create     faults of the next creations, one each; "name*3" for three, "name!" until changed
poll       the same, for GET of a job
content    the same, for GET of its content
character  faults of the next registrations of characters: those of create
forget     true: the characters are gone
takes      seconds that later jobs take
outcome    completed or failed, of later jobs
hold       later jobs stay in progress until this is false again (then earlier ones end too)
latency    seconds before every answer
fill       so many jobs are there already, video_00000 and on (not counted as created)
per_minute creations that are taken within a minute; beyond it 429 with Retry-After
========== =================================================================================

Faults of create, not taken: 400 401 403 408 409 422 429 500 502 503 redirect, drop-before (its body
is not read); taken: taken-500 drop-after hang-after broken-json no-id. Of poll: 401 404 429 500 drop
hang broken-json word:ANY. Of content: 404 500 drop hang slow short long json empty text redirect.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import time
from collections import deque
from pathlib import Path
from typing import Any

from vendor_film import film
from vendor_h3 import h3_wrong
from vendor_http import Answer, Drop, Part, Request, answer, converse, fault, parts
from vendor_work import MANNERS, Job, Works, named, png_size

FOREVER = 3600.0


class Vendor:
    """See the module."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.manner = MANNERS[options.manner]
        self.works = Works(self.manner, takes=options.takes)
        self.latency = options.latency
        self.per_minute = options.per_minute
        self.taken: deque[float] = deque()
        self.faults: dict[str, deque[str]] = {
            "create": deque(),
            "poll": deque(),
            "content": deque(),
            "character": deque(),
        }
        for entry in options.fault:
            kind, _, names = entry.partition("=")
            self.faults[kind].extend(_spelled(names.split(",")))

    def next_fault(self, kind: str) -> str:
        waiting = self.faults[kind]
        if not waiting:
            return ""
        return waiting[0][:-1] if waiting[0].endswith("!") else waiting.popleft()

    def before(self, request: Request) -> None:
        """A creation may be dropped before its body is read."""
        create = request.method == "POST" and request.path.startswith("/v1/videos")
        if create and self.faults["create"] and self.faults["create"][0].startswith("drop-before"):
            self.next_fault("create")
            self.works.asked["create"] += 1
            raise Drop

    async def handle(self, request: Request) -> Answer:
        if request.path == "/control":
            return self.control(request)
        if self.latency:
            await asyncio.sleep(self.latency)
        if (
            self.options.key
            and request.headers.get("authorization") != f"Bearer {self.options.key}"
        ):
            said = request.headers.get("authorization", "nothing").removeprefix("Bearer ")
            return fault(401, f"Incorrect API key provided: {said}", "invalid_api_key")
        route = request.path.removeprefix("/v1/videos")
        if request.method == "POST" and route in ("", "/edits", "/extensions"):
            return await self.create(request, route.strip("/") or "create")
        if self.manner.characters and route.startswith("/characters"):
            return await self.character(request, route)
        if request.method == "GET" and route == "":
            return self.listed(request)
        match = re.fullmatch(r"/([\w-]+)(/content)?", route)
        job = self.works.jobs.get(match[1]) if match else None
        if match is None or job is None or job.deleted:
            return fault(404, "Video not found")
        if request.method == "DELETE":
            return self.delete(job)
        return await (self.content(job) if match[2] else self.poll(job))

    # --- creations --------------------------------------------------------------------------------

    async def create(self, request: Request, route: str) -> Answer:
        self.works.asked["create"] += 1
        trouble = self.next_fault("create")
        if trouble.isdigit():
            status = int(trouble)
            extra = {"retry_after": "2"} if status in (429, 503) else {}
            return fault(
                status, f"refused with {status}", "rate_limited" if extra else None, **extra
            )
        if trouble == "redirect":
            return Answer(307, {"location": "http://elsewhere.invalid/v1/videos"}, [])
        if (limited := self.limited()) is not None:
            return limited
        try:
            found = parts(request)
        except (ValueError, KeyError, IndexError):
            return fault(400, "the body cannot be read", "invalid_body")
        if (refused := self.refused(request, found, route)) is not None:
            return refused
        job = self.works.create(found, request.headers.get("idempotency-key", ""), route)
        self.taken.append(time.monotonic())
        if trouble == "taken-500":
            return fault(500, "something broke afterwards")
        if trouble == "drop-after":
            raise Drop
        if trouble == "hang-after":
            await asyncio.sleep(FOREVER)
        if trouble == "broken-json":
            return Answer(200, {"content-type": "application/json"}, [b'{"id": "video_'])
        shown = self.works.shown(job)
        if trouble == "no-id":
            del shown["id"]
        return answer(shown)

    async def character(self, request: Request, route: str) -> Answer:
        if request.method == "GET":
            self.works.asked["character"] += 1
            one = self.works.characters.get(route.removeprefix("/characters/"))
            return answer(one.shown()) if one is not None else fault(404, "Character not found")
        self.works.asked["register"] += 1
        trouble = self.next_fault("character")
        if trouble.isdigit():
            return fault(int(trouble), f"refused with {trouble}")
        found = parts(request)
        if {"name", "video"} - {part.name for part in found}:
            return fault(400, "name and video are required")
        one = self.works.register(found, request.headers.get("idempotency-key", ""))
        if trouble == "drop-after":
            raise Drop
        return answer(one.shown())

    def limited(self) -> Answer | None:
        if not self.per_minute:
            return None
        now = time.monotonic()
        while self.taken and now - self.taken[0] > 60:
            self.taken.popleft()
        if len(self.taken) < self.per_minute:
            return None
        wait = max(1, round(60 - (now - self.taken[0])))
        return fault(429, "Too many running tasks", "rate_limit_exceeded", retry_after=str(wait))

    def refused(self, request: Request, found: list[Part], route: str) -> Answer | None:
        """What this manner of server does not take."""
        manner, kind = self.manner, request.headers.get("content-type", "")
        encoding = (
            "multipart" if "multipart" in kind else "form" if "urlencoded" in kind else "json"
        )
        if encoding not in manner.encodings:
            return fault(415, f"{encoding} is not taken here")
        if route != "create" and not manner.edits:
            return fault(404, "Not Found")
        fields = {part.name: part for part in found}
        if "prompt" not in fields:
            return fault(400, "Missing required parameter: 'prompt'.", None, "prompt")
        if manner.known is not None:
            for name in fields:
                if name.split("[")[0] not in {one.split("[")[0] for one in manner.known}:
                    return fault(400, f"Unknown parameter: '{name}'.", "unknown_parameter", name)
        for id in named(found):
            one = self.works.characters.get(id)
            if one is None:
                return fault(404, f"Character with id '{id}' not found.", "not_found")
            said = fields["prompt"].content.decode()
            if one.name not in said and manner.known is not None:
                return fault(400, f"The prompt does not name {one.name}")
        if {"input_reference", "input_references"} <= fields.keys():
            return fault(400, "Provide input_references alone, without input_reference")
        if manner.h3:
            wrong = h3_wrong(manner.h3, found)
            return fault(400, wrong) if wrong else None
        if any(
            part.name == "input_references" and part.type.startswith("image/") for part in found
        ):
            return fault(400, "this model takes films in input_references")
        seconds = fields.get("seconds")
        digits = rb"[1-9]\d*" if manner.seconds != "number" else rb"\d+(\.\d+)?"
        if seconds is not None and not re.fullmatch(digits, seconds.content):
            return fault(422, "seconds must be a whole number", "invalid_value", "seconds")
        if manner.seconds == "whole" and encoding == "json" and isinstance(
            json.loads(request.body).get("seconds"), str
        ):  # fmt: skip
            return fault(422, "seconds must be an integer", "invalid_type", "seconds")
        if manner.need_picture and "input_reference" not in fields:
            return fault(400, "input_reference file is required")
        if manner.exact and "input_reference" in fields:
            size = png_size(fields["input_reference"].content)
            if size and f"{size[0]}x{size[1]}" != fields["size"].content.decode():
                return fault(400, "Inpaint image must match the requested width and height")
        return None

    # --- what became of them ----------------------------------------------------------------------

    def listed(self, request: Request) -> Answer:
        self.works.asked["list"] += 1
        jobs = [job for job in reversed(self.works.jobs.values()) if not job.deleted]
        after = request.query.get("after")
        start = next((at + 1 for at, job in enumerate(jobs) if job.id == after), 0)
        limit = int(request.query.get("limit", 20))
        page = jobs[start : start + limit]
        return answer({
            "object": "list", "data": [self.works.shown(job) for job in page],
            "first_id": page[0].id if page else None, "last_id": page[-1].id if page else None,
            "has_more": start + limit < len(jobs),
        })  # fmt: skip

    async def poll(self, job: Job) -> Answer:
        self.works.asked["poll"] += 1
        job.polls += 1
        trouble = self.next_fault("poll")
        if trouble == "drop":
            raise Drop
        if trouble == "hang":
            await asyncio.sleep(FOREVER)
        if trouble == "broken-json":
            return Answer(200, {"content-type": "application/json"}, [b"{"])
        shown = self.works.shown(job)
        if trouble.startswith("word:"):
            return answer(shown | {"status": trouble.removeprefix("word:")})
        if trouble:
            return fault(int(trouble), f"refused with {trouble}", retry_after="7")
        status = self.manner.failed_status if job.status == "failed" else 200
        return answer(shown, status, openai_poll_after_ms="1500")

    async def content(self, job: Job) -> Answer:
        self.works.asked["content"] += 1
        trouble = self.next_fault("content")
        if trouble == "drop":
            raise Drop
        if trouble == "hang":
            await asyncio.sleep(FOREVER)
        if trouble.isdigit():
            return fault(int(trouble), f"refused with {trouble}")
        if job.status != "completed":
            failed = job.status == "failed"
            status = self.manner.failed_content if failed else self.manner.running_content
            return fault(status, "Generation is still in-progress")
        whole = await asyncio.to_thread(film, self.options, job.fields)
        kind = {"content-type": "video/mp4"}
        if trouble == "slow":
            step = max(1, len(whole) // 20)
            return Answer(
                200, kind, [whole[at : at + step] for at in range(0, len(whole), step)], 0.05
            )
        if trouble == "short":
            return Answer(200, kind, [whole[:-40]], length=len(whole), close=True)
        if trouble == "long":
            return Answer(200, kind, [whole], length=len(whole) - 40, close=True)
        if trouble == "json":
            return answer({"error": {"message": "the file has expired"}})
        if trouble == "redirect":
            host = f"http://127.0.0.1:{self.options.port}"
            return Answer(307, {"location": f"{host}/v1/videos/{job.id}/content"}, [])
        if trouble in ("empty", "text"):
            return Answer(200, kind, [b"" if trouble == "empty" else b"not a film at all " * 9])
        return Answer(200, kind, [whole])

    def delete(self, job: Job) -> Answer:
        self.works.asked["delete"] += 1
        ended = job.status in ("completed", "failed")
        if self.manner.delete == "finished" and not ended:
            return fault(400, "only a completed or failed video can be deleted")
        if self.manner.delete == "abort" and not ended:
            job.cancelled = True
        job.deleted = True
        return answer({"id": job.id, "object": "video.deleted", "deleted": True})

    # --- control ----------------------------------------------------------------------------------

    def control(self, request: Request) -> Answer:
        if request.method == "GET":
            return answer(self.works.report())
        for name, value in json.loads(request.body).items():
            if name in self.faults:
                self.faults[name] = deque(_spelled(value))
            elif name == "hold":
                self.works.hold = value
                if not value:
                    for job in self.works.jobs.values():
                        job.held = False
            elif name == "forget":
                self.works.characters.clear()
            elif name == "fill":
                self.works.fill(value)
            elif name in ("takes", "outcome"):
                setattr(self.works, name, value)
            elif name in ("latency", "per_minute"):
                setattr(self, name, value)
            else:
                return fault(400, f"control knows no {name}")
        return answer({})


def _spelled(names: list[str]) -> list[str]:
    """Each fault on its own: "500*3" is three."""
    spelled: list[str] = []
    for name in names:
        one, _, times = name.partition("*")
        spelled += [one] * int(times or 1)
    return spelled


async def main(options: argparse.Namespace) -> None:
    vendor = Vendor(options)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        with contextlib.suppress(asyncio.CancelledError):
            await converse(reader, writer, vendor.handle, vendor.before)

    server = await asyncio.start_server(serve, "127.0.0.1", options.port, backlog=1024)
    options.port = server.sockets[0].getsockname()[1]
    print(f"the vendor is at http://127.0.0.1:{options.port}/v1", flush=True)  # noqa: T201
    async with server:
        await server.serve_forever()


def read(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A stand-in vendor that speaks /v1/videos.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--manner", choices=sorted(MANNERS), default="sora")
    parser.add_argument("--takes", type=float, default=0.2, help="seconds a job takes")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before an answer")
    parser.add_argument("--per-minute", type=int, default=0, help="creations; 0: no limit")
    parser.add_argument("--key", default="", help="the API key that is asked for")
    parser.add_argument("--film", type=Path, help="the file that every job comes to")
    parser.add_argument("--as-asked", action="store_true", help="films of asked size and length")
    parser.add_argument(
        "--fault", action="append", default=[], help="create=500,drop-after or poll=… or content=…"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(read()))
