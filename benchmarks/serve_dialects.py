"""Polling a finished film in every dialect, beside OpenAI's `GET /v1/videos/{id}` of the same film: one core for
the server, the client on the other, 16 connections, taking turns. Is any dialect dear?

    python -m benchmarks.serve_dialects [SECONDS] [ROUNDS]
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import httpx

from benchmarks.load import Driven, drive, request
from benchmarks.served import CLIENT_CORE, Address, address, finished_video, ours
from mutoscope.dialects.gemini.ids import bare
from mutoscope.dialects.interactions.interaction import interaction_id
from mutoscope.dialects.runway.ids import task_id

CLIENTS = 16
RUNWAY = {"X-Runway-Version": "2024-11-06"}


def paths(video: str) -> dict[str, tuple[str, dict[str, str]]]:
    """How each dialect's clients ask for the film."""
    veo = "/v1beta/models/veo-3.1-generate-preview/operations/"
    return {
        "openai": (f"/v1/videos/{video}", {}),
        "azure": (f"/openai/v1/videos/{video}", {}),
        "azure jobs": ("/openai/v1/video/generations/jobs/" + video.replace("video_", "task_"), {}),
        "relay": (f"/v1/sora/tasks/{video}", {}),
        "gemini": (veo + bare(video), {}),
        "interactions": (f"/v1beta/interactions/{interaction_id(video)}?stream=false", {}),
        "runway": (f"/v1/tasks/{task_id(video)}", RUNWAY),
        "luma": (f"/dream-machine/v1/generations/{video}", {}),
        "luma_agents": (f"/v1/generations/{video}", {}),
    }


def measured(at: Address, path: str, headers: dict[str, str], seconds: float) -> Driven:
    """The same GET again and again."""
    asked = request("GET", path, b"", **({"accept": "application/json"} | headers))
    return asyncio.run(
        drive(
            at.host, at.port, itertools.repeat(asked),
            clients=CLIENTS, seconds=seconds, process=at.process,
        )
    )  # fmt: skip


def main(seconds: int = 2, rounds: int = 5) -> dict[str, dict[str, float]]:
    """Runs it all, prints the table, gives the figures."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    turns: dict[str, list[Driven]] = {}
    lengths: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="mutoscope-bench-") as data, ours(Path(data)) as server:
        asked = paths(finished_video(server.url))
        for name, (path, headers) in asked.items():
            answer = httpx.get(server.url + path, headers=headers)
            assert answer.status_code == 200, (name, answer.text)
            lengths[name] = len(answer.content)
        for _ in range(rounds):
            for name, (path, headers) in asked.items():
                one = measured(address(server), path, headers, seconds)
                assert not one.refused, name
                turns.setdefault(name, []).append(one)
    cost = {
        name: statistics.median(one.processor for one in found) for name, found in turns.items()
    }
    figures = {
        name: {
            "rate": statistics.median(one.rate for one in found),
            "us": cost[name] * 1e6,
            "ratio": cost[name] / cost["openai"],
            "bytes": lengths[name],
        }
        for name, found in turns.items()
    }
    print(f"GET of a finished film, {CLIENTS} connections, medians of {rounds} x {seconds} s:")
    for name, row in figures.items():
        print(
            f"  {name:<12} {row['rate']:6.0f}/s, {row['us']:4.0f} us of processor each, "
            f"{row['ratio']:.2f} x OpenAI's; {row['bytes']:,.0f} bytes"
        )
    return figures


if __name__ == "__main__":
    print(json.dumps(main(*(int(argument) for argument in sys.argv[1:]))))
