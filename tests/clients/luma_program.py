"""A program as it is written against Dream Machine, with `lumaai` as it comes.

luma_program.py BASE_URL PHOTO_URL CALLBACK_URL: every method for films, and what came back, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
import warnings
from typing import Any

import lumaai  # type: ignore[import-not-found]

warnings.simplefilter("ignore")  # its models warn of model names that are not Luma's
base_url, photo, callback = sys.argv[1:]
client: Any = lumaai.LumaAI(base_url=base_url, auth_token="luma-any", max_retries=0)
quick: dict[str, Any] = {"model": "flipbook", "resolution": "180p", "duration": "1s"}
image = {"type": "image", "url": photo}
said: dict[str, Any] = {"version": lumaai.__version__}


def done(generation: Any) -> Any:
    end = time.monotonic() + 120
    while generation.state not in ("completed", "failed"):
        assert time.monotonic() < end, generation
        assert generation.state in ("queued", "dreaming"), generation
        time.sleep(0.2)
        generation = client.generations.get(generation.id)
    assert generation.state == "completed", generation.failure_reason
    return generation


def report(generation: Any) -> list[str]:
    more = generation.model_extra["report"]
    return [one["words"] for kind in ("done", "approximated") for one in more[kind]]


def film(generation: Any) -> bytes:
    with urllib.request.urlopen(generation.assets.video) as answer:
        return bytes(answer.read())


def generation(of: Any) -> dict[str, str]:
    return {"type": "generation", "id": of.id}


said["ping"] = client.ping.check().message
said["credits"] = client.credits.get().credit_balance
said["concepts"] = client.generations.concepts.list()

first = client.generations.create(
    prompt="A cup of coffee",
    keyframes={"frame0": image},
    aspect_ratio="16:9",
    concepts=[{"key": "orbit_left"}, {"key": "tiny_planet"}],
    callback_url=callback,
    loop=False,
    **quick,
)
said["created"] = [first.state, first.generation_type, first.created_at.year, first.request.prompt]
first = done(first)
said["film"] = film(first)[4:8].decode("latin-1")
said["orbit"] = report(first)
said["warned"] = sorted({one["field"] for one in first.model_extra["warnings"]})
said["id"] = first.id
second = done(
    client.generations.video.create(prompt="zoom in", keyframes={"frame0": image, "frame1": image}, **quick)
)  # fmt: skip
longer = done(client.generations.create(prompt="zoom out", keyframes={"frame0": generation(first)}, **quick))  # fmt: skip
before = done(client.generations.create(keyframes={"frame1": generation(first)}, **quick))
between = done(
    client.generations.create(
        keyframes={"frame0": generation(first), "frame1": generation(second)}, **quick
    )
)
said["lengths"] = {"longer": len(film(longer)) > len(film(first)), "before": before.state, "between": between.state}  # fmt: skip
larger = done(
    client.generations.upscale(first.id, resolution="360p", generation_type="upscale_video")
)
loud = done(client.generations.audio(first.id, prompt="rain", generation_type="add_audio"))
said["again"] = [larger.model, len(film(larger)) > len(film(first)), b"mp4a" in film(loud), b"mp4a" in film(first)]  # fmt: skip
media = {"url": first.assets.video}
grey = done(
    client.generations.video.modify(
        generation_type="modify_video", media=media, mode="adhere_1", model="ray-2",
        prompt="make it black and white",
    )
)  # fmt: skip
said["modify"] = report(grey)
tall = done(
    client.generations.video.reframe(
        generation_type="reframe_video", media=media, aspect_ratio="9:16", model="ray-2",
        extra_body={"resolution": "180p"},
    )
)  # fmt: skip
said["reframe"] = report(tall)
page = client.generations.list(limit=2, offset=1)
said["page"] = [page.count, page.has_more, page.limit, page.offset, len(page.generations)]
client.generations.delete(tall.id)
errors: dict[str, Any] = {
    "gone": lambda: client.generations.get(tall.id),
    "concept": lambda: client.generations.create(model="ray-2", concepts=[{"key": "orbit_lef"}]),
    "words": lambda: client.generations.create(model="ray-2", prompt="a cup"),
    "strict": lambda: client.generations.create(
        model="ray-2", keyframes={"frame0": image}, duration="3s", extra_body={"strict": True}
    ),
    "image": lambda: client.generations.image.create(model="photon-1", prompt="a cup"),
}
said["errors"] = {}
for name, call in errors.items():
    try:
        call()
    except lumaai.APIStatusError as error:
        body: Any = error.body
        said["errors"][name] = [type(error).__name__, error.status_code, body["detail"]]


async def asynchronously() -> None:
    async with lumaai.AsyncLumaAI(base_url=base_url, auth_token="any") as other:
        calls: Any = other
        made = await calls.generations.create(
            prompt="pan left", keyframes={"frame0": image}, **quick
        )
        while made.state not in ("completed", "failed"):
            await asyncio.sleep(0.2)
            made = await calls.generations.get(made.id)
        said["async"] = [made.state, (await calls.ping.check()).message]


asyncio.run(asynchronously())
sys.stdout.write(json.dumps(said))
