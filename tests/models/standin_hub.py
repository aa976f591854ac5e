"""A stand-in for the hub, on loopback: repositories of small random files, spoken as huggingface_hub 2.4
asks for them.

``GET /api/models/ID/revision/REV?blobs=True`` lists a commit's files: a small one with git's SHA-1, a large
one with the SHA-256 that LFS knows it by; ``.../tree/REV`` lists them in the other form that the client
asks for when it downloads by itself. ``GET /ID/resolve/REV/FILE`` gives a small one, and sends for a
large one to another host (localhost instead of 127.0.0.1), with the headers that the client reads.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = 4096  # bytes from which a file is kept as LFS does
STEP = 1 << 16
HEADER = 100  # bytes of a safetensors file's header


def hf_cache(place: Path, repository: str, files: dict[str, bytes], commit: str) -> Path:
    """What the hub's client leaves in its cache of a repository's files; the snapshot's folder."""
    room = place / f"models--{repository.replace('/', '--')}"
    (room / "refs").mkdir(parents=True, exist_ok=True)
    (room / "refs" / "main").write_text(commit)
    (room / "blobs").mkdir(exist_ok=True)
    snapshot = room / "snapshots" / commit
    for name, body in files.items():
        digest = hashlib.sha256(body).hexdigest() if len(body) >= LARGE else git_sha1(body)
        (room / "blobs" / digest).write_bytes(body)
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        ups = "../" * (2 + name.count("/"))
        (snapshot / name).symlink_to(f"{ups}blobs/{digest}")
    return snapshot


def noise(length: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(length)


def tensors(length: int, seed: int) -> bytes:
    """A safetensors file of so many bytes, of one tensor of noise."""
    inside = length - 8 - HEADER
    told = {"x": {"dtype": "U8", "shape": [inside], "data_offsets": [0, inside]}}
    header = json.dumps(told).encode().ljust(HEADER)
    return HEADER.to_bytes(8, "little") + header + noise(inside, seed)


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def index(**components: str) -> bytes:
    """A `model_index.json` of a Wan pipeline: component → class."""
    library = {"scheduler": "diffusers", "transformer": "diffusers", "vae": "diffusers"}
    named = {name: [library.get(name, "transformers"), kind] for name, kind in components.items()}
    told = {"_class_name": "WanPipeline", "_diffusers_version": "0.42.1", "boundary_ratio": None}
    return json.dumps(told | {"transformer_2": [None, None]} | named).encode()


def checkpoint(size: int = 300_000, seed: int = 1) -> dict[str, bytes]:
    """The files of a repository in diffusers' layout, among them such as are not wanted: the transformer
    in two shards of `size` bytes, the rest small."""
    shards = {f"diffusion_pytorch_model-0000{n}-of-00002.safetensors": n for n in (1, 2)}
    weight_map = {f"block.{n}": name for name, n in shards.items()}
    files = {
        "model_index.json": index(
            transformer="WanTransformer3DModel", vae="AutoencoderKLWan", text_encoder="UMT5EncoderModel",
            tokenizer="T5TokenizerFast", scheduler="UniPCMultistepScheduler",
        ),
        "transformer/config.json": b'{"dim": 8}',
        "transformer/diffusion_pytorch_model.safetensors.index.json": json.dumps(
            {"weight_map": weight_map}
        ).encode(),
        "vae/config.json": b"{}",
        "vae/diffusion_pytorch_model.safetensors": tensors(20_000, seed + 10),
        "text_encoder/config.json": b"{}",
        "text_encoder/model.safetensors": tensors(30_000, seed + 11),
        "tokenizer/tokenizer_config.json": b"{}",
        "tokenizer/spiece.model": noise(9_000, seed + 12),
        "scheduler/scheduler_config.json": b"{}",
        "LICENSE.txt": b"Apache License, Version 2.0",
    }  # fmt: skip
    files |= {f"transformer/{name}": tensors(size, seed + n) for name, n in shards.items()}
    return files | dict.fromkeys(SPARE, noise(5_000, 99))


#: In the repository beside the checkpoint, and never wanted.
SPARE = (
    ".gitattributes",
    "README.assets/teaser.mp4",
    "assets/example.png",
    "inference.py",
    "vae/diffusion_pytorch_model.bin",
    "vae/diffusion_pytorch_model.fp16.safetensors",
    "text_encoder/pytorch_model.bin",
    "text_encoder/model.fp16-00001-of-00002.safetensors",
    "text_encoder/model.safetensors.index.fp16.json",
    "text_encoder/modeling_custom.py",
)


@dataclass
class Repository:
    """`commits` by their names; the newest is what "main" means."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: bool = False

    def commit(self, files: dict[str, bytes]) -> str:
        content = b"".join(name.encode() + body for name, body in sorted(files.items()))
        sha = hashlib.sha1(content).hexdigest()
        self.commits[sha] = files
        return sha


class Hub:
    """`served` counts the bytes of content that left it, by file; `asked` are the requests."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.served: Counter[str] = Counter()
        self.asked: list[tuple[str, str, dict[str, str]]] = []  # path, Range, headers
        self.status: dict[str, list[int]] = {}  # file → answers before its own
        self.spoilt: dict[str, int] = {}  # file → how often it is sent with other bytes
        self.cut: dict[str, list[int]] = {}  # file → after how many bytes each answer breaks off
        self.ranges = True
        self.hold: Callable[[str, int], None] = lambda name, sent: None  # before every step
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.answer(self)

            def do_HEAD(self) -> None:
                hub.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def add(self, repository: str, files: dict[str, bytes]) -> str:
        """The commit that has these files, and is "main" now."""
        return self.repositories.setdefault(repository, Repository()).commit(files)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path).strip("/")
        self.asked.append((path, request.headers.get("Range", ""), dict(request.headers)))
        if path.startswith("api/models/"):
            asked = path.removeprefix("api/models/")
            verb = "/tree/" if "/tree/" in asked else "/revision/"
            repository, _, revision = asked.partition(verb)
            self._list(request, repository, revision or "main", verb)
        elif path.startswith("cdn/"):
            _, digest, name = path.split("/", 2)
            content = next(
                body
                for one in self.repositories.values()
                for files in one.commits.values()
                for body in files.values()
                if hashlib.sha256(body).hexdigest() == digest
            )
            self._send(request, name, content)
        else:
            repository, _, rest = path.partition("/resolve/")
            revision, _, name = rest.partition("/")
            self._resolve(request, repository, revision, name)

    def _found(
        self, request: BaseHTTPRequestHandler, repository: str, revision: str
    ) -> tuple[str, dict[str, bytes]] | None:
        known = self.repositories.get(repository)
        if known is None:  # as the hub does, for those whom it does not know
            self._refuse(request, 401, "RepoNotFound", "Invalid username or password.")
            return None
        sha = list(known.commits)[-1] if revision == "main" else revision
        if sha not in known.commits:
            self._refuse(request, 404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return None
        return sha, known.commits[sha]

    def _list(
        self, request: BaseHTTPRequestHandler, repository: str, revision: str, verb: str
    ) -> None:
        if (found := self._found(request, repository, revision)) is None:
            return
        sha, files = found
        siblings, tree = [], []
        for name, body in files.items():
            one: dict[str, Any] = {"size": len(body)}
            lfs: dict[str, Any] = {"size": len(body), "pointerSize": 130}
            digest = hashlib.sha256(body).hexdigest()
            large = len(body) >= LARGE
            siblings.append(
                one
                | {"rfilename": name, "blobId": git_sha1(body)}
                | ({"lfs": lfs | {"sha256": digest}} if large else {})
            )
            tree.append(
                one
                | {"type": "file", "path": name, "oid": git_sha1(body)}
                | ({"lfs": lfs | {"oid": digest}} if large else {})
            )
        about = {"id": repository, "modelId": repository, "sha": sha, "tags": []}
        body = json.dumps(tree if verb == "/tree/" else about | {"siblings": siblings}).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _resolve(
        self, request: BaseHTTPRequestHandler, repository: str, revision: str, name: str
    ) -> None:
        if (found := self._found(request, repository, revision)) is None:
            return
        sha, files = found
        if self.repositories[repository].gated and not request.headers.get("Authorization"):
            self._refuse(request, 401, "GatedRepo", f"Access to model {repository} is restricted.")
            return
        if (
            self.repositories[repository].gated
            and "granted" not in request.headers["Authorization"]
        ):
            self._refuse(request, 403, "GatedRepo", f"Access to model {repository} is restricted.")
            return
        if name not in files:
            self._refuse(request, 404, "EntryNotFound", "Entry not found")
            return
        if statuses := self.status.get(name):
            status = statuses.pop(0)
            self._refuse(request, status, "EntryNotFound" if status == 404 else "", "as was asked")
            return
        body = files[name]
        if len(body) < LARGE:
            self._send(request, name, body, sha)
            return
        digest = hashlib.sha256(body).hexdigest()
        request.send_response(302)
        place = f"{self.address.replace('127.0.0.1', 'localhost')}/cdn/{digest}/{name}"
        for header, value in (
            ("Location", place), ("X-Repo-Commit", sha), ("X-Linked-Etag", f'"{digest}"'),
            ("X-Linked-Size", str(len(body))), ("Accept-Ranges", "bytes"), ("Content-Length", "0"),
        ):  # fmt: skip
            request.send_header(header, value)
        request.end_headers()

    def _send(
        self, request: BaseHTTPRequestHandler, name: str, body: bytes, commit: str = ""
    ) -> None:
        span = request.headers.get("Range", "") if self.ranges else ""
        start = int(span.removeprefix("bytes=").rstrip("-") or 0)
        if self.spoilt.get(name, 0) > 0:
            self.spoilt[name] -= 1
            body = bytes(len(body))
        request.send_response(206 if span else 200)
        if span:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.send_header("Content-Length", str(len(body) - start))
        request.send_header("ETag", f'"{git_sha1(body)}"')
        if commit:
            request.send_header("X-Repo-Commit", commit)
        request.end_headers()
        if request.command == "HEAD":
            return
        cuts = self.cut.get(name)
        end = min(len(body), start + cuts.pop(0)) if cuts else len(body)
        for place in range(start, end, STEP):
            self.hold(name, place - start)
            sent = body[place : min(end, place + STEP)]
            self.served[name] += len(sent)
            request.wfile.write(sent)
        if end < len(body):
            request.close_connection = True

    def _refuse(
        self, request: BaseHTTPRequestHandler, status: int, code: str, message: str
    ) -> None:
        request.send_response(status)
        if code:
            request.send_header("X-Error-Code", code)
        request.send_header("X-Error-Message", message)
        request.send_header("Content-Length", "0")
        request.end_headers()
