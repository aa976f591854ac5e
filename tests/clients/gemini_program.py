"""Google's own Python package, of the years of Veo: every method it has for this job, sync and async.

gemini_program.py ADDRESS PHOTO: prints what came back as JSON.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from google import genai
from google.genai import errors, types

warnings.simplefilter("ignore")
ADDRESS, PHOTO = sys.argv[1:]
LARGE = bytes(range(256)) * (36 << 10)  # 9 MiB: two parts of an upload
client = genai.Client(api_key="AIza-any", http_options=types.HttpOptions(base_url=ADDRESS))
said: dict[str, Any] = {"version": genai.__version__}


def quick(**more: Any) -> types.GenerateVideosConfig:
    return types.GenerateVideosConfig(resolution="180p", duration_seconds=1, **more)


def ended(operation: Any) -> Any:
    limit = time.monotonic() + 60
    while not operation.done:
        assert time.monotonic() < limit, operation
        time.sleep(0.1)
        operation = client.operations.get(operation)
    assert operation.error is None, operation.error
    return operation


def first(operation: Any) -> Any:
    return operation.response.generated_videos[0]


image = types.Image.from_file(location=PHOTO)
pending = client.models.generate_videos(
    model="veo-3.1",
    prompt="slow dolly in",
    image=image,
    config=quick(number_of_videos=2, negative_prompt="blurry", aspect_ratio="16:9"),
)
said["pending"] = [bool(pending.done), pending.name.startswith("models/veo-3.1/operations/")]
done = ended(pending)
said["samples"] = len(done.response.generated_videos)
said["result"] = len(done.result.generated_videos)
said["warned"] = sorted({one["field"] for one in done.metadata["warnings"]})
said["report"] = done.metadata["report"][0]["done"][0]["words"]

film = first(done)
content = client.files.download(file=film.video)
with tempfile.TemporaryDirectory() as folder:
    place = Path(folder) / "film.mp4"
    film.video.save(str(place))
    said["saved"] = place.read_bytes() == content
said["film"] = [content[4:8].decode(), film.video.mime_type]
again = first(done)
said["downloads"] = [
    client.files.download(file=form) == content for form in (again, again.video, film.video.uri)
]

source = types.GenerateVideosSource(prompt="morph into the next", image=image)
said["last frame"] = first(
    ended(
        client.models.generate_videos(
            model="veo-3.1-generate-preview", source=source, config=quick(last_frame=image)
        )
    )
).video.mime_type
reference = types.VideoGenerationReferenceImage(image=image, reference_type="asset")
said["reference"] = first(
    ended(
        client.models.generate_videos(
            model="veo-3.1", prompt="pan left", config=quick(reference_images=[reference])
        )
    )
).video.mime_type
for name, video in (
    ("extended by uri", types.Video(uri=film.video.uri)),
    ("extended by bytes", types.Video(video_bytes=content, mime_type="video/mp4")),
):
    longer = first(
        ended(
            client.models.generate_videos(
                model="veo-3.1", prompt="pan right", video=video, config=quick()
            )
        )
    )
    said[name] = len(client.files.download(file=longer)) > 0

with_all = client.models.generate_videos(
    model="veo-3.1-fast",
    source=source,
    config=quick(
        person_generation="allow_adult",
        enhance_prompt=True,
        **(
            {
                "webhook_config": types.WebhookConfig(
                    uris=["http://127.0.0.1:18999/x"], user_metadata={"k": "v"}
                )
            }
            if hasattr(types, "WebhookConfig")
            else {}
        ),
    ),
)
said["metadata"] = with_all.metadata.get("userMetadata")

file = client.files.upload(file=PHOTO, config={"display_name": "Cup of coffee"})
said["file"] = [file.display_name, file.mime_type, file.state.value, file.source.value]
said["file again"] = client.files.get(name=file.name).sha256_hash == file.sha256_hash
said["file content"] = client.files.download(file=file) == Path(PHOTO).read_bytes()
large = client.files.upload(
    file=io.BytesIO(LARGE), config={"mime_type": "application/octet-stream"}
)
said["large"] = [large.size_bytes == len(LARGE), client.files.download(file=large.name) == LARGE]
named = [one.name for one in client.files.list(config={"page_size": 1})]
said["listed"] = [file.name in named, large.name in named]
client.files.delete(name=large.name)
try:
    client.files.get(name=large.name)
except errors.ClientError as error:
    said["deleted"] = [error.code, error.status]

known = [model.name for model in client.models.list(config={"page_size": 4})]
said["models"] = ["models/veo-3.1" in known, client.models.get(model="veo-3.1").name]
for name, model, form in (
    ("no model", "veo-9", image),
    ("broken", "veo-3.1", types.Image(image_bytes=b"no", mime_type="image/png")),
):
    try:
        client.models.generate_videos(model=model, prompt="pan left", image=form)
    except errors.ClientError as error:
        said[name] = [error.code, error.status, error.message]


async def awaited() -> None:
    """The same with the client's other half."""
    calls = client.aio
    operation = await calls.models.generate_videos(model="flipbook", source=source, config=quick())
    limit = time.monotonic() + 60
    while not operation.done:
        assert time.monotonic() < limit, operation
        await asyncio.sleep(0.1)
        operation = await calls.operations.get(operation)
    content = await calls.files.download(file=first(operation).video)
    said["awaited film"] = content[4:8].decode()
    file = await calls.files.upload(file=io.BytesIO(LARGE), config={"mime_type": "video/mp4"})
    said["awaited file"] = [
        (await calls.files.get(name=file.name)).size_bytes == len(LARGE),
        await calls.files.download(file=file.name) == LARGE,
        file.name in [one.name async for one in await calls.files.list()],
    ]
    await calls.files.delete(name=file.name)
    try:
        await calls.files.get(name=file.name)
    except errors.ClientError as error:
        said["awaited deleted"] = error.code
    said["awaited model"] = (await calls.models.get(model="veo-3.1-fast")).name


asyncio.run(awaited())
client.files.delete(name=file.name)
sys.stdout.write(json.dumps(said))
