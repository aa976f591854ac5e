"""Google's own Python package with vertexai=True: every way to address Veo there, sync and async.

vertex_program.py ADDRESS PHOTO: prints what came back as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import google.auth.credentials
from google import genai
from google.genai import errors, types

warnings.simplefilter("ignore")
ADDRESS, PHOTO = sys.argv[1:]
MODEL = "veo-3.1-generate-001"
said: dict[str, Any] = {"version": genai.__version__}
image = types.Image(image_bytes=Path(PHOTO).read_bytes(), mime_type="image/jpeg")


class Token(google.auth.credentials.Credentials):  # type: ignore[misc]
    """A token that is always good."""

    expired, valid = False, True

    def __init__(self) -> None:
        super().__init__()
        self.token = "ya29.any"

    def refresh(self, request: object) -> None:
        """Nothing to do."""


def client(**more: Any) -> genai.Client:
    options = types.HttpOptions(base_url=ADDRESS, **more.pop("options", {}))
    return genai.Client(vertexai=True, http_options=options, **more)


def quick(**more: Any) -> types.GenerateVideosConfig:
    return types.GenerateVideosConfig(resolution="180p", duration_seconds=1, **more)


def ended(one: genai.Client, operation: Any) -> Any:
    limit = time.monotonic() + 60
    while not operation.done:
        assert time.monotonic() < limit, operation
        time.sleep(0.1)
        operation = one.operations.get(operation)
    assert operation.error is None, operation.error
    return operation


def film(operation: Any, number: int = 0) -> Any:
    return operation.response.generated_videos[number].video


def made(one: genai.Client, **config: Any) -> tuple[str, Any]:
    source = types.GenerateVideosSource(prompt="slow dolly in", image=image)
    begun = one.models.generate_videos(model=MODEL, source=source, config=quick(**config))
    assert not begun.done
    return begun.name, ended(one, begun)


project = {"project": "proj", "location": "us-central1", "credentials": Token()}
ways: dict[str, dict[str, Any]] = {
    "express": {"api_key": "AQ.any"},
    "project": project,
    "v1": project | {"options": {"api_version": "v1"}},
}
collection = {"base_url_resource_scope": types.ResourceScope.COLLECTION}
ways["collection"] = {"credentials": Token(), "options": collection}
names, films = {}, {}
for way, how in ways.items():
    names[way], done = made(client(**how), seed=3)
    films[way] = film(done).video_bytes
said["names"] = {way: name.rpartition("/operations/")[0] for way, name in names.items()}
said["films"] = [way for way, content in films.items() if content[4:8] == b"ftyp"]
said["same"] = len(set(films.values()))

# everything that this client can say, but for buckets and a mask
vertex = client(**project)
first = film(ended(vertex, vertex.models.generate_videos(
    model=MODEL,
    source=types.GenerateVideosSource(prompt="dissolve", image=image),
    config=quick(
        last_frame=image, number_of_videos=2, fps=24, seed=7, aspect_ratio="16:9",
        person_generation="allow_all", pubsub_topic="projects/p/topics/t", negative_prompt="blurry",
        enhance_prompt=True, generate_audio=False, compression_quality="OPTIMIZED",
        **({"resize_mode": "PAD", "labels": {"team": "x"}} if genai.__version__ > "2" else {}),
    ),
)), 1)  # fmt: skip
said["everything"] = [first.mime_type, first.video_bytes[4:8].decode()]
saved = Path(PHOTO).with_name("vertex.mp4")
first.save(str(saved))
said["saved"] = saved.read_bytes() == first.video_bytes
saved.unlink()
reference = types.VideoGenerationReferenceImage(image=image, reference_type="asset")
said["references"] = film(ended(vertex, vertex.models.generate_videos(
    model=MODEL,
    source=types.GenerateVideosSource(prompt="slow dolly in"),
    config=quick(reference_images=[reference]),
))).mime_type  # fmt: skip
longer = film(ended(vertex, vertex.models.generate_videos(
    model=MODEL,
    source=types.GenerateVideosSource(
        prompt="pan left", video=types.Video(video_bytes=films["project"], mime_type="video/mp4")
    ),
    config=types.GenerateVideosConfig(duration_seconds=1),
)))  # fmt: skip
said["longer"] = longer.video_bytes != films["project"]


def refused(config: dict[str, Any], source: dict[str, Any] | None = None) -> list[Any]:
    given = types.GenerateVideosSource(**{"prompt": "x", "image": image} | (source or {}))
    try:
        vertex.models.generate_videos(model=MODEL, source=given, config=quick(**config))
    except errors.ClientError as error:
        return [error.code, error.status, error.message]
    return []


said["bucket"] = refused({"output_gcs_uri": "gs://b/o/"})
said["gcs"] = refused({}, {"image": types.Image(gcs_uri="gs://b/a.png", mime_type="image/png")})
said["mask"] = refused({"mask": types.VideoGenerationMask(image=image, mask_mode="INSERT")})
try:
    vertex.models.generate_videos(model="veo-9", source=types.GenerateVideosSource(prompt="x"))
except errors.ClientError as error:
    said["model"] = [error.code, error.status]


async def main() -> None:
    one = client(**project)
    source = types.GenerateVideosSource(prompt="slow dolly in", image=image)
    operation = await one.aio.models.generate_videos(model=MODEL, source=source, config=quick())
    limit = time.monotonic() + 60
    while not operation.done:
        assert time.monotonic() < limit, operation
        await asyncio.sleep(0.1)
        operation = await one.aio.operations.get(operation)
    said["awaited"] = film(operation).video_bytes[4:8].decode()
    if genai.__version__ > "3":
        content = [{"type": "text", "text": "pan left"}]
        asked = {"type": "image", "mime_type": "image/jpeg"}
        asked["data"] = image.model_dump(mode="json")["image_bytes"]
        made = await one.aio.interactions.create(
            model="gemini-omni-1.2-flash", input=[asked, *content], extra_body={"size": "320x180"},
            response_format={"type": "video", "duration": "3s"},
        )  # fmt: skip
        said["interaction"] = [made.status, made.model, made.output_video.mime_type]


asyncio.run(main())
sys.stdout.write(json.dumps(said))
