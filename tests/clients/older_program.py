"""A program as it was written against Sora, for whatever version of `openai` is on its path.

older_program.py BASE_URL PHOTO: does every thing the Videos API could do and prints what came back.
"""

from __future__ import annotations

import json
import pathlib
import sys
import warnings
from typing import Any

import openai

warnings.simplefilter("ignore", DeprecationWarning)
base_url, photo = sys.argv[1:]
client: Any = openai.OpenAI(base_url=base_url, api_key="sk-anything")
quick = {"model": "flipbook", "size": "320x180", "seconds": "1"}
said: dict[str, Any] = {"version": openai.__version__}


def done(video: Any) -> Any:
    return client.videos.poll(video.id, poll_interval_ms=100)


with open(photo, "rb") as file:  # multipart, as there is a file
    made = done(client.videos.create(prompt="push in", input_reference=file, extra_body=quick))
said["file"] = made.status
uploaded = client.files.create(file=pathlib.Path(photo), purpose="vision")
by_id = client.videos.create(  # JSON up to 2.24, as there is no file
    prompt="push in", extra_body={**quick, "input_reference": {"file_id": uploaded.id}, "seed": 3}
)
said["json"] = done(by_id).status
said["poll"] = client.videos.create_and_poll(
    prompt="pan left", extra_body={**quick, "input_reference": uploaded.id}, poll_interval_ms=100
).status
said["remix"] = (
    done(client.videos.remix(made.id, prompt="pan right")).remixed_from_video_id == made.id
)
said["listed"] = made.id in [video.id for video in client.videos.list(limit=2)]
said["content"] = client.videos.download_content(made.id).read()[4:8].decode()
said["thumbnail"] = (
    client.videos.download_content(made.id, variant="thumbnail").read()[8:12].decode()
)
try:
    client.videos.create(prompt="")
    said["empty"] = "taken"
except openai.BadRequestError as error:
    said["empty"] = [error.status_code, error.param, error.body]
try:
    client.videos.retrieve("video_none")
except openai.NotFoundError as error:
    said["none"] = str(error)
said["deleted"] = client.videos.delete(made.id).deleted
sys.stdout.write(json.dumps(said))
