"""Workflows for the stand-in ComfyUI, and an engine with a folder of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mutoscope.config import EngineAccount
from mutoscope.engines.base import Operation, Status
from mutoscope.engines.comfyui.engine import ComfyUI
from mutoscope.engines.comfyui.graph import Graph, read

Nodes = dict[str, dict[str, Any]]

TABLE = """
title = "Wan 2.2"
multiple = 16
frames = "4k+1"
fps = 16
seconds = [0.2, 5]
[quality.draft]
steps = 4
[quality.standard]
steps = 6
"""


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


def nodes(save: str = "SaveVideo", **start: Any) -> Nodes:
    """A picture to film, with a last frame that may be left out. `start` goes to the node that takes them."""
    saving = {
        "SaveVideo": node("SaveVideo", video=["8", 0], filename_prefix="video/{{name}}"),
        "SaveImage": node("SaveImage", images=["7", 0]),
        "SaveAnimatedWEBP": node("SaveAnimatedWEBP", images=["7", 0], fps="{{fps}}"),
        "VHS_VideoCombine": node("VHS_VideoCombine", images=["7", 0], frame_rate="{{fps}}"),
    }
    return {
        "1": node("LoadImage", image="{{first_frame}}"),
        "2": node("CLIPTextEncode", text="{{prompt}}, {{size}} at {{fps}}"),
        "3": node("CLIPTextEncode", text="{{negative|blurry, static}}"),
        "4": node("LoadImage", image="{{last_frame?}}"),
        "5": node("WanFirstLastFrameToVideo", width="{{width}}", height="{{height}}",
                  length="{{frames}}", start_image=["1", 0], end_image=["11", 0], **start),
        "6": node("KSampler", seed="{{seed|7}}", steps="{{steps}}", denoise="{{strength|1.0}}",
                  latent_image=["5", 0], positive=["2", 0], negative=["3", 0]),
        "7": node("VAEDecode", samples=["6", 0]),
        "8": node("CreateVideo", images=["7", 0], fps="{{fps}}"),
        "9": saving[save],
        "11": node("ImageScale", image=["4", 0], width=64, height=36),
    }  # fmt: skip


def kept(folder: Path, made: Nodes | None = None, name: str = "wan", table: str = TABLE) -> Path:
    """A workflow's file, and its table beside it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(nodes() if made is None else made))
    if table:
        path.with_suffix(".toml").write_text(table)
    return path


def graph(folder: Path, made: Nodes | None = None, table: str = TABLE) -> Graph:
    return read(kept(folder / "graphs", made, table=table))


def account(base_url: str, folder: Path, **settings: Any) -> EngineAccount:
    values: dict[str, Any] = {"kind": "comfyui", "base_url": base_url, "folder": folder}
    values |= {"models": {"wan": "wan.json"}, "timeout": 5.0} | settings
    return EngineAccount(**values)


def with_comfy(
    base_url: str, folder: Path, work: Callable[[ComfyUI], Awaitable[Any]], **settings: Any
) -> Any:
    """What `work` comes to with an engine that has the workflows of `folder`."""

    async def main() -> Any:
        engine = ComfyUI("comfy", account(base_url, folder, **settings))
        try:
            return await work(engine)
        finally:
            await engine.close()

    return asyncio.run(main())


async def ended(engine: ComfyUI, operation: Operation) -> list[Status]:
    """What was told until it had ended."""
    seen = [await engine.status(operation)]
    while seen[-1].state in ("queued", "running"):
        await asyncio.sleep(0.02)
        seen.append(await engine.status(operation))
    return seen
