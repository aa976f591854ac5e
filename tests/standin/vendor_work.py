"""What the stand-in vendor does with orders: jobs that take their time, counted as a vendor bills them."""

from __future__ import annotations

import hashlib
import json
import struct
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from vendor_http import Part


@dataclass(frozen=True)
class Manner:
    """How one kind of server behaves, beside what all have in common."""

    encodings: tuple[str, ...] = ("multipart", "json")
    seconds: str = "text"  # text: a string of digits; whole: an integer, in JSON too; number: any
    known: tuple[str, ...] | None = None  # fields; others are refused. None: others are ignored
    exact: bool = False  # the picture must have the asked size
    failed_status: int = 200  # of GET on a job that failed
    running_content: int = 404
    failed_content: int = 404
    delete: str = "record"  # record: the job goes on; abort; finished: only of ended jobs
    progress: str = "steps"  # steps, or ends: 0 then 100
    idempotent: bool = False
    marked: bool = False  # `metadata` is shown again
    reports: bool = False
    words: dict[str, str] = field(default_factory=dict)  # its words for the four statuses
    edits: bool = False
    need_picture: bool = False
    characters: bool = False  # POST /videos/characters, and their ids in creations
    h3: str = ""  # MiniMax-H3: conditions (in JSON), or tasks (files in order, and `extra_params`)


_PLAIN = ("prompt", "model", "seconds", "size", "input_reference", "video")
_SORA = (*_PLAIN, "characters")
_GENERAL = (*_PLAIN, "fps", "num_frames", "seed", "negative_prompt", "width", "height")
MANNERS = {
    "sora": Manner(known=_SORA, exact=True, delete="finished", edits=True,
                   characters=True),
    "relay": Manner(words={"queued": "NOT_START", "in_progress": "processing",
                           "completed": "SUCCESS", "failed": "FAILURE"}),
    "marked": Manner(marked=True),
    "sglang": Manner(seconds="whole", need_picture=True),
    "vllm-omni": Manner(encodings=("multipart",), failed_status=500, failed_content=422,
                        delete="abort", progress="steps",
                        known=(*_GENERAL, "generate_sound", "input_references", "user",
                               "num_inference_steps")),
    "sglang-h3": Manner(encodings=("json",), h3="conditions", known=(
        "prompt", "model", "seed", "task", "conditions", "target", "quality", "flow_shift")),
    "vllm-omni-h3": Manner(encodings=("multipart",), failed_status=500, failed_content=422,
                           delete="abort", h3="tasks",
                           known=(*_GENERAL, "input_references", "aspect_ratio", "short_edge",
                                  "extra_params", "num_inference_steps")),
    "fastvideo": Manner(seconds="whole", failed_content=500, progress="ends"),
    "relay-json": Manner(encodings=("json",)),
    "mutoscope": Manner(seconds="number", encodings=("multipart", "json", "form"), delete="abort", idempotent=True, reports=True, edits=True, characters=True),
}  # fmt: skip


@dataclass
class Character:
    """One that was registered: its name, and its clip as `_seen` tells it."""

    id: str
    name: str
    fields: dict[str, str]
    clip: dict[str, Any]
    key: str = ""

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "created_at": int(time.time())}


@dataclass
class Job:
    id: str
    fields: dict[str, str]
    files: dict[str, dict[str, Any]]
    created: float
    takes: float
    outcome: str  # completed or failed
    key: str = ""
    route: str = "create"
    held: bool = False
    cancelled: bool = False
    deleted: bool = False
    polls: int = 0
    characters: list[str] = field(default_factory=list)  # their ids, as they came

    @property
    def status(self) -> str:
        if self.cancelled:
            return "failed"
        gone = time.monotonic() - self.created
        if gone < 0.1 * self.takes:
            return "queued"
        if self.held or gone < self.takes:
            return "in_progress"
        return self.outcome

    @property
    def progress(self) -> int:
        if self.status in ("completed", "failed"):
            return 100
        return min(99, int(100 * (time.monotonic() - self.created) / max(self.takes, 1e-6)))


@dataclass
class Works:
    """Every job, and the counts: `creations` is what would have been billed."""

    manner: Manner
    takes: float = 0.2
    outcome: str = "completed"
    hold: bool = False
    jobs: dict[str, Job] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    creations: Counter[str] = field(default_factory=Counter)  # by prompt
    by_key: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)  # requests by kind
    characters: dict[str, Character] = field(default_factory=dict)

    def create(self, found: list[Part], key: str, route: str = "create") -> Job:
        """Accept an order; a repeated key is the first job again, where this vendor knows keys."""
        if self.manner.idempotent and key in self.keys:
            return self.jobs[self.keys[key]]
        fields = {part.name: part.content.decode() for part in found if part.filename is None}
        files: dict[str, dict[str, Any]] = {}
        for part in found:
            if part.filename is not None:
                again = sum(name.startswith(part.name) for name in files) + 1
                files[part.name if again == 1 else f"{part.name}#{again}"] = _seen(part)
        job = Job(f"video_{uuid.uuid4().hex}", fields, files, time.monotonic(), self.takes,
                  self.outcome, key, route, self.hold, characters=named(found))  # fmt: skip
        self.jobs[job.id] = job
        self.creations[fields.get("prompt", "")] += 1
        if key:
            self.keys[key] = job.id
            self.by_key[key] += 1
        return job

    def register(self, found: list[Part], key: str) -> Character:
        """Take a character; a repeated key is the first one again, where this vendor knows keys."""
        fields = {part.name: part.content.decode() for part in found if part.filename is None}
        known = [one for one in self.characters.values() if key and one.key == key]
        if self.manner.idempotent and known:
            return known[0]
        (clip,) = [_seen(part) for part in found if part.name == "video"]
        one = Character(f"char_{uuid.uuid4().hex[:12]}", fields["name"], fields, clip, key)
        self.characters[one.id] = one
        return one

    def fill(self, count: int) -> None:
        """Jobs that are there without having been asked for."""
        for at in range(count):
            name = f"video_{at:05d}"
            self.jobs[name] = Job(
                name, {"prompt": ""}, {}, time.monotonic(), self.takes, self.outcome
            )

    def shown(self, job: Job) -> dict[str, Any]:
        """The job as its object."""
        status = job.status
        steps = self.manner.progress == "steps"
        shown: dict[str, Any] = {
            "id": job.id,
            "object": "video",
            "model": job.fields.get("model", "sora-2"),
            "status": self.manner.words.get(status, status),
            "progress": job.progress if steps else 100 * (status == "completed"),
            "created_at": int(time.time() - (time.monotonic() - job.created)),
            "size": job.fields.get("size", "720x1280"),
            "seconds": str(job.fields.get("seconds", "4")),
            "prompt": job.fields.get("prompt", ""),
            "error": None,
        }
        if status == "failed":
            shown["error"] = {"code": "generation_failed", "message": "the sampler diverged"}
        if self.manner.reports and status == "completed":
            done = {"words": shown["prompt"], "outcome": "done", "how": "as it was asked for"}
            shown["report"] = {"done": [done], "approximated": [], "not_possible": []}
        if self.manner.marked and "metadata" in job.fields:
            shown["metadata"] = json.loads(job.fields["metadata"])
        return shown

    def report(self) -> dict[str, Any]:
        """What a test wants to know."""
        return {
            "creations": sum(self.creations.values()),
            "prompts": dict(self.creations),
            "keys": dict(self.by_key),
            "requests": dict(self.asked),
            "characters": [
                {"id": one.id, "name": one.name, "fields": one.fields, "clip": one.clip}
                for one in self.characters.values()
            ],
            "jobs": [
                {"id": job.id, "fields": job.fields, "files": job.files, "status": job.status,
                 "key": job.key, "route": job.route, "polls": job.polls,
                 "cancelled": job.cancelled, "deleted": job.deleted, "characters": job.characters}
                for job in self.jobs.values()
            ],
        }  # fmt: skip


def named(found: list[Part]) -> list[str]:
    """The ids of a creation's characters: `characters[][id]`, repeated, or a list in JSON."""
    ids = [part.content.decode() for part in found if part.name == "characters[][id]"]
    for part in found:
        if part.name == "characters":
            ids += [one["id"] for one in json.loads(part.content)]
    return ids


def _seen(part: Part) -> dict[str, Any]:
    size = png_size(part.content)
    return {
        "filename": part.filename, "type": part.type, "length": len(part.content),
        "sha256": hashlib.sha256(part.content).hexdigest(),
        "size": f"{size[0]}x{size[1]}" if size else "",
    }  # fmt: skip


def png_size(content: bytes) -> tuple[int, int] | None:
    """A PNG's width and height."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height
