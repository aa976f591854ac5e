"""The settings of a server: what they are, their defaults and what each is for.

Read, in this order, each over the one before: the defaults here, a TOML file (``--config``, or
`mutoscope.toml` in the data folder), the environment (``MUTOSCOPE_FETCH_ALLOW_PRIVATE`` is
``fetch.allow_private``), the command line. `mutoscope config` shows every setting with its origin.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Server(_Section):
    host: str = "127.0.0.1"
    port: int = 8640
    public_url: str = ""  # how clients reach this server, where that is not its own address
    data: Path = Path()  # the data folder; empty: the user's own (platformdirs)
    database: str = ""  # "postgresql://…"; empty: SQLite in the data folder
    compat: Literal["lenient", "strict"] = "lenient"
    work: bool = True  # false: this process answers requests and leaves the jobs to others
    allowed_hosts: tuple[str, ...] = ()  # Host headers taken beside this server's own addresses
    allowed_origins: tuple[str, ...] = ()  # pages that may call a keyless server
    log: Literal["json", "text"] = "text"
    shutdown_seconds: float = 20.0  # to finish what is running; then it is handed back


class Limits(_Section):
    """Bytes and seconds; what is beyond is refused with a 4xx that names the setting."""

    json_bytes: int = 32 << 20
    image_bytes: int = 50 << 20
    video_bytes: int = 512 << 20
    file_bytes: int = 512 << 20
    request_bytes: int = 640 << 20
    parts: int = 256
    field_bytes: int = 24 << 20  # one text field: data URLs are long
    slow_seconds: float = 20.0  # without a byte from the sender
    slowest_rate: int = 1024  # bytes a second, over any 20 seconds
    uploads: int = 32  # at a time
    memory_bytes: int = 512 << 20  # of all bodies that are being read; beyond it, 503
    queued: int = 10_000  # jobs of one project that wait or run


class Fetch(_Section):
    allow_private: bool = False
    max_bytes: int = 64 << 20
    seconds: float = 30.0
    redirects: int = 5


class Compute(_Section):
    renders: int = 0  # processes at a time; 0: one for every two cores, at least one
    render_memory: int = 0  # bytes each; 0: no limit but the machine's
    render_seconds: float = 1800.0
    probes: int = 1  # processes that decode what strangers sent
    probe_memory: int = 2 << 30
    probe_seconds: float = 20.0

    @property
    def at_once(self) -> int:
        """How many renders run at a time."""
        return self.renders or max(1, len(os.sched_getaffinity(0)) // 2)


class Jobs(_Section):
    lease: float = 30.0  # seconds
    deadline: float = 3600.0 * 6
    poll_first: float = 2.0
    poll_last: float = 30.0
    retry_window: float = 90.0  # within which the SDK's silent retry is the same job


class Retention(_Section):
    video_days: float = 30.0
    file_days: float = 0.0  # 0: kept until deleted
    links_hours: float = 24.0
    disk_bytes: int = 0  # the most that the data folder may hold; 0: all but `free_bytes`
    free_bytes: int = 1 << 30  # kept free on its disk


class Routes(_Section):
    """Model names → engines. A native name goes to its own engine."""

    default: str = "flipbook"  # for the vendors' names that are not in `models`
    models: dict[str, str] = {}
    text_only: str = ""  # the engine for shots without a picture that `default` cannot film


class EngineAccount(_Section):
    """`[engines.NAME]`: an engine beside the built-in ones. `kind` is its entry point's name."""

    kind: str
    base_url: str = ""
    api_key: str = ""  # or `api_key_env`, the variable that holds it
    api_key_env: str = ""
    quirks: str = ""  # "sora", "sglang", "vllm-omni", "fastvideo", "mutoscope"
    models: dict[str, str] = {}  # names here → names there; empty: as they are
    per_minute: int = 0  # creations; 0: no limit
    at_once: int = 0
    timeout: float = 120.0


class Webhooks(_Section):
    hours: float = 72.0
    timeout: float = 15.0
    allow_private: bool = False


class Settings(_Section):
    server: Server = Server()
    limits: Limits = Limits()
    fetch: Fetch = Fetch()
    compute: Compute = Compute()
    jobs: Jobs = Jobs()
    retention: Retention = Retention()
    routes: Routes = Routes()
    webhooks: Webhooks = Webhooks()
    engines: dict[str, EngineAccount] = {}
