"""A program as it is written against Luma's Agents API, with `luma-agents` as it comes.

luma_agents_program.py BASE_URL PHOTO PHOTO_URL: every method for films, and what came back, as JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import pathlib
import sys
import time
from typing import Any

import httpx
import luma_agents  # type: ignore[import-not-found]

base_url, photo, address = sys.argv[1:]
client: Any = luma_agents.Luma(base_url=base_url, auth_token="luma-api-any", max_retries=0)
content = pathlib.Path(photo).read_bytes()
quick = {"resolution": "180p", "duration": "1s"}
said: dict[str, Any] = {"version": luma_agents.__version__}


def done(generation: Any) -> Any:
    end = time.monotonic() + 120
    while generation.state not in ("completed", "failed"):
        assert time.monotonic() < end, generation
        assert generation.state in ("queued", "processing"), generation
        time.sleep(0.2)
        generation = client.generations.get(generation.id)
    assert generation.state == "completed", generation.failure_reason
    return generation


def video(prompt: str, model: str = "flipbook", **options: Any) -> Any:
    return done(
        client.generations.create(prompt=prompt, model=model, type="video", aspect_ratio="16:9", video=quick | options)
    )  # fmt: skip


made = client.files.create(
    mime_type="image/jpeg",
    size_bytes=len(content),
    filename="cup.jpg",
    purpose="input",
    user_id="u",
)
said["pending"] = [
    made.state,
    client.files.get(made.id).state,
    made.file.user_id,
    made.upload.method,
]
put = httpx.put(made.upload.url, content=content, headers=made.upload.headers)
ready = client.files.complete(made.id)
said["ready"] = [put.status_code, ready.state, ready.size_bytes == len(content), ready.mime_type]
said["listed"] = made.id in [one.id for one in client.files.list(limit=100, state="ready").data]
within = base64.b64encode(content).decode()
forms = {
    "file": {"file_id": made.id},
    "data": {"data": within, "media_type": "image/jpeg"},
    "url": {"url": address},
}
films = {name: video("slow push in", start_frame=form) for name, form in forms.items()}
said["forms"] = {name: [one.state, one.type, one.model] for name, one in films.items()}
first, second = films["file"], films["data"]
film = httpx.get(first.output[0].url).content
said["film"] = [first.output[0].type, film[4:8].decode("latin-1")]
ends = {"start_frame": {"generation_id": first.id}, "end_frame": forms["data"]}
said["between"] = video("", "flipbook", **ends).state
pins = [forms["file"], {"generation_id": second.id}, forms["url"]]
said["pinned"] = video("", keyframes=pins, keyframe_indexes=[0, 12, 24]).model_extra["report"]["engine"][0]  # fmt: skip
longer = video("zoom out", start_frame={"generation_id": first.id})
said["longer"] = len(httpx.get(longer.output[0].url).content) > len(film)
edit = done(
    client.generations.create(
        prompt="make it sepia", model="ray-3.2", type="video_edit", source={"generation_id": first.id},
        video={"edit": {"strength": "adhere_1"}},
    )
)  # fmt: skip
said["edit"] = [edit.type, edit.model_extra["report"]["done"][0]["words"]]
packed = {"data": base64.b64encode(film).decode(), "media_type": "video/mp4"}
square = done(
    client.generations.create(
        prompt="", type="video_reframe", source=packed, aspect_ratio="1:1", video={"resolution": "180p"}
    )
)  # fmt: skip
said["reframe"] = [square.type, square.model_extra["report"]["done"][0]["words"]]
client.files.delete(made.id)
errors: dict[str, Any] = {
    "gone": lambda: client.files.get(made.id),
    "none": lambda: client.generations.get("none"),
    "image": lambda: client.generations.create(prompt="a cup"),
    "index": lambda: video("", keyframes=[forms["url"]], keyframe_indexes=[25]),
    "strict": lambda: client.generations.create(
        prompt="x", model="ray-3.2", type="video", video={"start_frame": forms["data"], "duration": "7s"},
        extra_body={"strict": True},
    ),
}  # fmt: skip
said["errors"] = {}
for name, call in errors.items():
    try:
        call()
    except luma_agents.APIStatusError as error:
        body: Any = error.body
        said["errors"][name] = [type(error).__name__, error.status_code, body["detail"]]


async def asynchronously() -> None:
    async with luma_agents.AsyncLuma(base_url=base_url, auth_token="any") as other:
        calls: Any = other
        asked = await calls.generations.create(
            prompt="pan left", model="flipbook", type="video",
            video=quick | {"start_frame": forms["data"]},
        )  # fmt: skip
        while asked.state not in ("completed", "failed"):
            await asyncio.sleep(0.2)
            asked = await calls.generations.get(asked.id)
        files = await calls.files.list(limit=1)
        said["async"] = [asked.state, isinstance(files.data, list)]


asyncio.run(asynchronously())
sys.stdout.write(json.dumps(said))
