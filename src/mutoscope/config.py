"""The settings of a server: what they are, their defaults and what each is for.

Read, in this order, each over the one before: the defaults here, a TOML file (``--config``, or
`mutoscope.toml` in the data folder), the environment (``MUTOSCOPE_FETCH_ALLOW_PRIVATE`` is
``fetch.allow_private``), the command line. `mutoscope config` shows every setting with its origin.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1, le=2**62)]
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=1e9)]  # or hours: above 0
Span = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Server(_Section, frozen=True):
    host: str = "127.0.0.1"  # the address to listen on
    port: Port = 8640  # 0: a free one
    public_url: str = ""  # how clients reach this server, where that is not its own address
    data: Path = Path()  # the data folder
    database: str = ""  # "postgresql://…"; empty: SQLite in the data folder
    dialects: tuple[str, ...] = ()  # those that are spoken, such as "openai"; none named: all
    compat: Literal["lenient", "strict"] = "lenient"  # strict: refuse what the vendor refused
    work: bool = True  # false: this process answers requests and leaves the jobs to others
    allowed_hosts: tuple[str, ...] = ()  # Host headers taken beside this server's own addresses
    allowed_origins: tuple[str, ...] = ()  # origins whose pages may call it; "*": every page
    log: Literal["json", "text"] = "text"  # the form of the log on standard error
    shutdown_seconds: Span = 20.0  # to finish what is running; then it is handed back


class Limits(_Section, frozen=True):
    """Bytes and seconds; what is beyond is refused with a 4xx that names the setting."""

    json_bytes: Count = 32 << 20  # a JSON or urlencoded body
    image_bytes: Count = 50 << 20  # an uploaded image
    video_bytes: Count = 512 << 20  # an uploaded video
    file_bytes: Count = 512 << 20  # any other uploaded file
    request_bytes: Count = 640 << 20  # a whole multipart body
    parts: Count = 256  # of a multipart body, and fields of a form
    field_bytes: Count = 24 << 20  # one text field: data URLs are long
    slow_seconds: Seconds = 20.0  # the time over which a sender's rate is measured
    slowest_rate: Count = 1024  # bytes a second; a sender below it is cut
    uploads: Count = 32  # large bodies at a time; others wait, then 503
    memory_bytes: Count = 512 << 20  # of all bodies that are being read; beyond it, 503
    queued: Count = 10_000  # jobs of one project that wait or run


class Fetch(_Section, frozen=True):
    allow_private: bool = False  # true: input addresses may lead into private networks
    max_bytes: Count = 64 << 20  # of a fetched file
    seconds: Seconds = 30.0  # for a fetch in all
    redirects: Whole = 5  # followed, each checked as the first


class Compute(_Section, frozen=True):
    renders: Whole = 0  # processes at a time; 0: one for every two cores, at least one
    render_memory: Whole = 0  # bytes each; 0: no limit but the machine's
    render_seconds: Seconds = 1800.0  # each; then it is ended and its job fails
    probes: Count = 1  # processes that decode what strangers sent
    probe_memory: Count = 2 << 30  # bytes each
    probe_seconds: Seconds = 20.0  # for one file

    @property
    def at_once(self) -> int:
        """How many renders run at a time."""
        return self.renders or max(1, len(os.sched_getaffinity(0)) // 2)


class Gpu(_Section, frozen=True):
    """Models with open weights that are run here (`mutoscope[gpu]`)."""

    devices: tuple[str, ...] = ()  # "cuda:0", "cuda:1", "cpu"; none named: every GPU, else the CPU
    memory: Whole = 0  # bytes of each device's memory that may be used; 0: all of it
    offload: Literal["auto", "none", "model", "layers"] = "auto"  # what is kept off the device
    compile: Literal["auto", "on", "off"] = "auto"  # compile a model's blocks; auto: on a GPU
    attention: str = "auto"  # the attention's implementation; auto: the fastest that is importable
    cache: bool = True  # steps may be skipped where the quality's tier says so
    idle_seconds: Seconds = 1800.0  # after which a process that waits gives its memory back
    job_seconds: Seconds = 7200.0  # each; then its process is ended and the job fails
    preview_steps: Whole = 4  # steps between previews; 0: none


class Jobs(_Section, frozen=True):
    lease: Seconds = 30.0  # seconds that a server holds a job without a sign of life
    deadline: Seconds = 3600.0 * 6  # seconds from a job's creation to its end, at most
    poll_first: Seconds = 2.0  # seconds to the first look at an engine elsewhere
    poll_last: Seconds = 30.0  # seconds between later looks, at most
    retry_window: Span = 90.0  # seconds within which the SDK's silent retry is the same job


class Retention(_Section, frozen=True):
    video_days: Span = 30.0  # 0: kept until deleted
    file_days: Span = 0.0  # 0: kept until deleted
    links_hours: Seconds = 24.0  # that a signed link to a film is good for, at least
    disk_bytes: Whole = 0  # the most that the data folder may hold; 0: all but `free_bytes`
    free_bytes: Whole = 1 << 30  # kept free on its disk


class Routes(_Section, frozen=True):
    """Model names → engines. A native name goes to its own engine."""

    default: str = "flipbook"  # for the vendors' names that are not in `models`
    models: dict[str, str] = {}  # a vendor's name → the engine that films it
    text_only: str = ""  # the engine for shots without a picture that `default` cannot film


class EngineAccount(_Section, frozen=True):
    """`[engines.NAME]`: an engine beside the built-in ones. `kind` is its entry point's name."""

    kind: str  # the engine's entry point, such as "openai_videos"
    base_url: str = ""  # where it answers: "https://…/v1"
    api_key: str = ""  # better kept in the environment
    api_key_env: str = ""  # the variable that holds its key
    quirks: str = ""  # how it differs: "sora", "sglang", "vllm-omni", "fastvideo", "mutoscope"
    models: dict[str, str] = {}  # names here → names there; empty: as they are
    model: str = ""  # of kind "diffusion": the known model whose kind of checkpoint it is
    folder: Path = Path()  # of kind "diffusion": the checkpoint's; of "comfyui": the graphs'
    fields: dict[str, dict[str, str | int | float | bool]] = {}  # sent, too, by quality or "always"
    per_minute: Whole = 0  # creations; 0: no limit
    at_once: Whole = 0  # films that it makes at a time; 0: no limit
    timeout: Seconds = 120.0  # seconds for one request to it


class Webhooks(_Section, frozen=True):
    hours: Seconds = 72.0  # for which a delivery is tried again
    timeout: Seconds = 15.0  # seconds for one attempt
    allow_private: bool = False  # true: webhooks may go into private networks


class Characters(_Section, frozen=True):
    faces: Literal["warn", "refuse", "allow"] = "warn"  # what is done with a face without a consent


class Storage(_Section, frozen=True):
    gcs: dict[str, str] = {}  # "gs://bucket/prefix" → the folder here that stands for it


class Settings(_Section, frozen=True):
    server: Server = Server()
    limits: Limits = Limits()
    fetch: Fetch = Fetch()
    compute: Compute = Compute()
    gpu: Gpu = Gpu()
    jobs: Jobs = Jobs()
    retention: Retention = Retention()
    routes: Routes = Routes()
    webhooks: Webhooks = Webhooks()
    characters: Characters = Characters()
    storage: Storage = Storage()
    engines: dict[str, EngineAccount] = {}
