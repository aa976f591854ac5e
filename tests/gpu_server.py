"""Models with open weights behind a server of their own: tiny checkpoints, each used in its model's place as an
owner uses a folder of his. The fixtures are in `gpu_fixtures`."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving import Serving

TI2V = "wan2.2-ti2v-5b"
#: Model → what builds a checkpoint of its kind, in tests/tiny. Models that are not here have
#: the pipeline and the conditions of one that is.
TINY = {
    TI2V: "wan:ti2v",
    "wan2.2-i2v-a14b": "wan:a14b",
    "wan2.1-flf2v-14b": "wan:flf2v",
    "wan2.1-t2v-1.3b": "wan:t2v",
    "wan2.1-vace-1.3b": "vace:vace",
    "ltx-2-distilled": "ltx2:ltx2",
    "hunyuanvideo-1.5-i2v-distilled": "hunyuan15:hunyuan15",
    "kandinsky-5-distilled": "kandinsky5:kandinsky5",
}
#: How the builders of some are told what it is.
HOW: dict[str, dict[str, Any]] = {"hunyuan15:hunyuan15": {"distilled": True}}
#: Model → the LoRA of its drafts, for Wan's own kind of layers.
LORAS = {"wan2.2-i2v-a14b": "4-step"}
#: A film of a model of noise that is made in a moment.
QUICK: dict[str, Any] = {"size": "256x256", "seconds": 0.5, "quality": "draft"}
LIMIT = 240.0  # seconds for whatever a test waits for: such films are much work for a busy machine
TOML = f"""
[gpu]
devices = ["cpu"]
preview_steps = 5

[routes]
default = "{TI2V}"
"""


@dataclass
class Models:
    """A folder of models; `use` puts a tiny checkpoint into the place of one."""

    folder: Path
    used: set[str] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find them; its threads do not keep a busy machine busier by waiting."""
        # one thread: the tests run on as many workers as there are cores
        threads = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1"}
        return {"MUTOSCOPE_MODELS": str(self.folder)} | threads

    def use(self, *names: str) -> None:
        """As `mutoscope models accept NAME` and `mutoscope models use NAME FOLDER` do."""
        from mutoscope.models import licences, own, pieces

        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("MUTOSCOPE_MODELS", str(self.folder))
            for name in names:
                if name in self.used:
                    continue
                if pieces.checkpoint(name).licence.consent:
                    licences.accept(pieces.checkpoint(name))
                own.use(name, self._built(TINY[name]))
                if name in LORAS:
                    _lay(pieces.lora(name, LORAS[name]))
                self.used.add(name)

    def _built(self, builder: str) -> Path:
        module, _, name = builder.partition(":")
        build = getattr(importlib.import_module(f"tiny.{module}"), name)
        place = self.folder.with_name("tiny") / name
        built: Path = place if place.is_dir() else build(place, **HOW.get(builder, {}))
        return built


def _lay(piece: Any) -> None:
    """A LoRA, as a pull leaves it."""
    from mutoscope.models import places, record
    from tiny.wan import lora

    made = {name: lora(places.place(piece.key) / name) for name in piece.files}
    files = {name: record.File(size=path.stat().st_size) for name, path in made.items()}
    kept = record.Record(
        repository="a test", revision="main", commit="", when=record.now(), files=files
    )
    record.write(places.record(piece.key), kept)


def serving(models: Models, data: Path) -> Serving:
    """A server on the data folder."""
    (data / "mutoscope.toml").write_text(TOML)
    return Serving(data, environment=models.environment)


@dataclass
class Caller:
    """Speaks to the server as any program does."""

    server: Serving

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(method, f"{self.server.url}{path}", timeout=30.0, **more)

    def create(self, path: str = "/v1/videos", **given: Any) -> str:
        """The id of a film that is asked for."""
        answer = self.ask("POST", path, json=QUICK | given)
        assert answer.status_code == 200, answer.text
        id: str = answer.json()["id"]
        return id

    def job(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/mutoscope/jobs/{id}").json()
        return found

    def until(self, id: str, seen: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The job when `seen` holds for it; it must not have ended otherwise."""
        end = time.monotonic() + LIMIT
        while not seen(job := self.job(id)):
            assert job["status"] not in ("completed", "failed"), job
            assert time.monotonic() < end, (job, self.server.log[-5:])
            time.sleep(0.02)
        return job

    def completed(self, id: str) -> dict[str, Any]:
        return self.until(id, lambda job: job["status"] == "completed")

    def film(self, id: str) -> bytes:
        answer = self.ask("GET", f"/v1/videos/{id}/content")
        assert answer.status_code == 200, answer.text
        return answer.content

    def devices(self) -> list[int]:
        """The ids of the devices' processes."""
        return devices(self.server.process.pid)


def devices(parent: int) -> list[int]:
    """The processes that a process has for its devices: of its children only they have torch."""
    return [pid for pid in _children(parent) if _is_device(pid)]


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.name))
    return found


def _is_device(pid: int) -> bool:
    with suppress(OSError):
        return "libtorch" in Path(f"/proc/{pid}/maps").read_text()
    return False


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
