"""`kill -9` of a server around an order to ComfyUI: it is filmed, and once. Asked for by the official client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from comfy_process import ComfyProcess
from serving import Serving
from workers import wait

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning"),
]
COFFEE = Path(__file__).parents[2] / "examples" / "coffee.jpg"
WAN = '{"1": {"class_type": "LoadImage", "inputs": {"image": "{{first_frame}}"}}, '
WAN += '"2": {"class_type": "CLIPTextEncode", "inputs": {"text": "{{prompt}}"}}, '
WAN += '"3": {"class_type": "WanFirstLastFrameToVideo", "inputs": {"width": "{{width}}", '
WAN += '"height": "{{height}}", "length": "{{frames}}", "start_image": ["1", 0]}}, '
WAN += '"4": {"class_type": "KSampler", "inputs": {"seed": "{{seed}}", "steps": 4, '
WAN += '"latent_image": ["3", 0], "positive": ["2", 0]}}, '
WAN += '"5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0]}}, '
WAN += '"6": {"class_type": "CreateVideo", "inputs": {"images": ["5", 0], "fps": "{{fps}}"}}, '
WAN += '"7": {"class_type": "SaveVideo", "inputs": {"video": ["6", 0], "filename_prefix": "x"}}}'
SETTINGS = """
[jobs]
lease = 2.0
poll_first = 0.2
poll_last = 0.5
[engines.comfy]
kind = "comfyui"
base_url = "{base_url}"
folder = "{folder}"
models = {{ "wan2.2" = "wan.json" }}
timeout = 2.0
"""


@pytest.fixture
def comfy() -> Iterator[ComfyProcess]:
    with ComfyProcess("new", takes=0.3) as process:
        yield process


@pytest.fixture
def data(tmp_path: Path, comfy: ComfyProcess) -> Path:
    """A server's folder, with the account and its workflow."""
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "wan.json").write_text(WAN)
    place = tmp_path / "data"
    place.mkdir()
    settings = SETTINGS.format(base_url=comfy.base_url, folder=folder)
    (place / "mutoscope.toml").write_text(settings)
    return place


def asked(server: Serving) -> str:
    client = OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)
    made = client.videos.create(
        model="wan2.2", prompt="steam rises", input_reference=COFFEE, size="320x180",  # type: ignore[arg-type]
        seconds="1",  # type: ignore[arg-type]
    )  # fmt: skip
    return made.id


def filmed(data: Path, id: str) -> None:
    """Until it is, on a server that is started again."""
    with Serving(data) as server:
        client = OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)
        video = client.videos.poll(id, poll_interval_ms=100)
        assert video.status == "completed", (video.error, server.log[-20:])
        film = client.videos.download_content(id).read()
    assert film[4:8] == b"ftyp"


@pytest.mark.parametrize("point", ["submit.sending", "submit.accepted", "collect.fetched"])
def test_filmed_once_by_comfyui_when_killed_at(comfy: ComfyProcess, data: Path, point: str) -> None:
    server = Serving(data, environment={"MUTOSCOPE_FAILPOINT": point})
    try:
        id = asked(server)
        wait(lambda: server.process.poll() is not None)
    finally:
        server.kill()
    filmed(data, id)
    assert list(comfy.seen()["runs"].values()) == [1]


def test_filmed_once_by_comfyui_when_killed_before_its_answer(
    comfy: ComfyProcess, data: Path
) -> None:
    comfy.control(create=["hang-after"])
    server = Serving(data)
    try:
        id = asked(server)
        wait(lambda: comfy.seen()["taken"])
    finally:
        server.kill()
    filmed(data, id)
    assert list(comfy.seen()["runs"].values()) == [1]
