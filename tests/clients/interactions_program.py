"""Google's own Python package, release 3: every method of client.interactions, sync and async, with files.

interactions_program.py ADDRESS PHOTO: prints what came back as JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from google import genai
from google.genai import types

warnings.simplefilter("ignore")
ADDRESS, PHOTO = sys.argv[1:]
client = genai.Client(api_key="AIza-any", http_options=types.HttpOptions(base_url=ADDRESS))
said: dict[str, Any] = {"version": genai.__version__}
image = {
    "type": "image",
    "mime_type": "image/jpeg",
    "data": base64.b64encode(Path(PHOTO).read_bytes()).decode(),
}
QUICK: dict[str, Any] = {
    "model": "flipbook",
    "response_format": {"type": "video", "duration": "1s"},
    "extra_body": {"size": "320x180"},
}


def words(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def kind(data: str) -> str:
    """What a film's first bytes say."""
    return base64.b64decode(data[:16])[4:8].decode()


def ended(made: Any) -> Any:
    limit = time.monotonic() + 60
    while made.status == "in_progress":
        assert time.monotonic() < limit, made
        time.sleep(0.1)
        made = client.interactions.get(made.id)
    return made


# one that is waited for, as most programs have it
made = client.interactions.create(input=[image, words("slow push in")], **QUICK)
said["made"] = [made.status, made.output_video.mime_type, kind(made.output_video.data)]
said["usage"] = made.usage.total_tokens
said["report"] = made.model_extra["report"]["done"][0]["words"]
again = client.interactions.get(made.id)
said["again"] = [again.id == made.id, again.output_video.data == made.output_video.data]
given = client.interactions.get(made.id, include_input=True)
said["input"] = [[one.type for one in step.content] for step in given.steps]

# in the background, from an uploaded file, delivered by its address
file = client.files.upload(file=PHOTO)
begun = client.interactions.create(
    input=[{"type": "image", "uri": file.uri, "mime_type": "image/jpeg"}, words("pan left")],
    background=True,
    **QUICK | {"response_format": {"type": "video", "duration": "1s", "delivery": "uri"}},
)
said["begun"] = begun.status
film = ended(begun).output_video
said["uri"] = [film.data is None, client.files.download(file=film.uri)[4:8].decode()]

# what goes on from it: a change, an extension, an edit of an uploaded film, a larger one
changed = client.interactions.create(
    model="flipbook", previous_interaction_id=made.id, input="pan right instead"
)
said["changed"] = [changed.status, changed.previous_interaction_id == made.id]
longer = client.interactions.create(
    model="flipbook", previous_interaction_id=made.id, input="Continue the scene.",
    response_format={"type": "video", "duration": "1s"},
)  # fmt: skip
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "film.mp4"
    path.write_bytes(base64.b64decode(made.output_video.data))
    upload = client.files.upload(file=str(path))
edited = client.interactions.create(
    model="flipbook", input=[{"type": "video", "uri": upload.uri}, words("black and white")]
)
larger = client.interactions.create(
    model="flipbook", previous_interaction_id=made.id, input="larger",
    response_format={"type": "video", "resolution": "360p"},
    generation_config={"video_config": {"task": "upscale"}},
)  # fmt: skip
said["films"] = {
    name: one.output_video.data
    for name, one in (("longer", longer), ("edited", edited), ("larger", larger))
}

# two frames, by tags; the seed makes the same film again
both = [image, image, words("<FIRST_FRAME> <LAST_FRAME> dissolve")]
twice = [
    client.interactions.create(input=both, generation_config={"seed": 7}, **QUICK).output_video.data
    for _ in range(2)
]
said["seed"] = twice[0] == twice[1]

# events
stream = client.interactions.create(input=[image, words("zoom out")], stream=True, **QUICK)
events = list(stream)
said["events"] = [one.event_type for one in events]
said["delta"] = kind(next(one for one in events if one.event_type == "step.delta").delta.data)
id = events[0].interaction.id
resumed = client.interactions.get(id, stream=True, last_event_id=events[2].event_id)
said["resumed"] = [one.event_type for one in resumed]

# cancel and delete
running = client.interactions.create(
    model="gemini-omni-1.1-flash", input=[image, words("orbit")], background=True
)
said["cancelled"] = [client.interactions.cancel(running.id).status]
said["cancelled"].append(client.interactions.get(running.id).status)
client.interactions.delete(made.id)


def refused(**asked: Any) -> list[Any]:
    try:
        client.interactions.create(**{"model": "flipbook", "input": "a cat"} | asked)
    except Exception as error:
        return [type(error).__name__, getattr(error, "status_code", None), str(error)]
    return []


try:
    client.interactions.get(made.id)
except Exception as error:
    said["deleted"] = [type(error).__name__, str(error)]
said["number"] = refused(response_format={"type": "video", "duration": "8"})
said["words alone"] = refused()
said["strict"] = refused(
    model="gemini-omni-1.1-flash", input=[image, words("x")], extra_body={"strict": True},
    response_format={"type": "video", "duration": "60s"},
)  # fmt: skip


async def main() -> None:
    made = await client.aio.interactions.create(input=[image, words("slow push in")], **QUICK)
    said["awaited"] = [made.status, kind(made.output_video.data)]
    many = await asyncio.gather(
        *(client.aio.interactions.create(input=[image, words(text)], **QUICK)
          for text in ("pan left", "pan right", "zoom in"))
    )  # fmt: skip
    said["at once"] = len({one.id for one in many})
    stream = await client.aio.interactions.create(
        input=[image, words("tilt up")], stream=True, **QUICK
    )
    said["awaited events"] = [one.event_type async for one in stream]
    running = await client.aio.interactions.create(
        model="gemini-omni-1.1-flash", input=[image, words("orbit")], background=True
    )
    said["awaited cancel"] = (await client.aio.interactions.cancel(running.id)).status
    await client.aio.interactions.delete(made.id)
    try:
        await client.aio.interactions.get(made.id)
    except Exception as error:
        said["awaited deleted"] = type(error).__name__


asyncio.run(main())
sys.stdout.write(json.dumps(said))
