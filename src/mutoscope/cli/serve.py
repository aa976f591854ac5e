"""`mutoscope serve`: the server."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    data: Path | None = None,
    config: Path | None = None,
    database: str | None = None,
    dialects: str | None = None,
    public_url: str | None = None,
    log: Literal["json", "text"] | None = None,
) -> None:
    """Answer the video APIs of OpenAI, Azure, Google, Runway, Luma and relays on this machine. SIGTERM or Ctrl-C ends it cleanly.

    Nothing needs to be configured: films, files and records go into the data folder. On 127.0.0.1 it
    takes any key until the first one is made; elsewhere it needs one: mutoscope keys create.

    Parameters
    ----------
    host
        The address to listen on; 127.0.0.1 where nothing else is set.
    port
        The port; 8640 where nothing else is set, 0 for a free one.
    data
        The data folder.
    config
        A settings file; without it, mutoscope.toml in the data folder.
    database
        Where the records are: postgresql://…; without it, SQLite in the data folder.
    dialects
        Those that are spoken, with commas: openai,gemini; all where nothing is set.
    public_url
        How clients reach this server, where that is not its own address.
    log
        The form of the log on standard error.
    """
    from mutoscope.configure import load

    settings, _ = load(
        config,
        given={
            "server.host": host,
            "server.port": port,
            "server.data": data,
            "server.database": database,
            "server.dialects": dialects and tuple(dialects.replace(" ", "").split(",")),
            "server.public_url": public_url,
            "server.log": log,
        },
    )
    from mutoscope.server.run import run

    raise SystemExit(run(settings, lambda url: print(f"mutoscope is at {url}", flush=True)))
