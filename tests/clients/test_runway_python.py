"""Runway's newest Python package, sync and async, unmodified but for key and address."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mutoscope.finish.probe import probe
from serving import Serving

runwayml = pytest.importorskip("runwayml", reason="`make clients` installs it")

QUICK: dict[str, Any] = {"model": "flipbook", "ratio": "320:180", "duration": 1}
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


@pytest.fixture
def client(server: Serving) -> Iterator[Any]:
    with runwayml.RunwayML(base_url=server.url, api_key="key_anything") as made:
        yield made


@pytest.fixture(scope="module")
def data_uri(photo: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(photo.read_bytes()).decode()


def done(client: Any, id: str, patience: float = 60.0) -> Any:
    """The task when it has ended, asked for more often than the package would."""
    limit = time.monotonic() + patience
    while (task := client.tasks.retrieve(id)).status not in ENDED:
        assert time.monotonic() < limit, task
        time.sleep(0.1)
    return task


def downloaded(task: Any, place: Path) -> Path:
    (link,) = task.output
    answer = httpx.get(link)  # as a browser: no key
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    place.write_bytes(answer.content)
    return place


def test_from_an_upload_to_the_film(client: Any, photo: Path, tmp_path: Path) -> None:
    upload = client.uploads.create_ephemeral(file=photo)
    assert upload.uri.startswith("runway://")
    made = client.image_to_video.create(
        model="gen4_turbo", prompt_image=upload.uri, prompt_text="slow push in",
        ratio="1280:720", duration=2, seed=7,
    )  # fmt: skip
    assert made.estimated_cost.credits == 0
    task = made.wait_for_task_output(timeout=120)
    assert (task.status, task.cost.credits) == ("SUCCEEDED", 0)
    assert task.created_at.tzinfo is not None
    film = probe(downloaded(task, tmp_path / "film.mp4"))
    assert (film.width, film.height, film.frames) == (1280, 720, 48)
    # what the package does not know it keeps
    assert task.report["done"][0]["words"] == "slow push in"


@pytest.mark.parametrize("form", ["path", "tuple", "open file"])
def test_every_form_of_an_upload(client: Any, photo: Path, form: str) -> None:
    with photo.open("rb") as opened:
        file: Any = {
            "path": photo,
            "tuple": ("a picture.jpg", photo.read_bytes(), "image/jpeg"),
            "open file": opened,
        }[form]
        uri = client.uploads.create_ephemeral(file=file, file_metadata="from a test").uri
    made = client.image_to_video.create(prompt_image=uri, prompt_text="pan left", **QUICK)
    assert done(client, made.id).status == "SUCCEEDED"


def test_first_and_last_frame(client: Any, data_uri: str) -> None:
    frames = [{"uri": data_uri, "position": "first"}, {"uri": data_uri, "position": "last"}]
    made = client.image_to_video.create(prompt_image=frames, prompt_text="and back", **QUICK)
    seen = client.tasks.retrieve(made.id)
    assert seen.status in ("PENDING", "THROTTLED", "RUNNING", "SUCCEEDED")
    if seen.status == "RUNNING":
        assert 0 <= seen.progress <= 1
    assert done(client, made.id).status == "SUCCEEDED"


def test_every_field_of_a_model(client: Any, data_uri: str) -> None:
    made = client.image_to_video.create(
        model="veo3.1", prompt_image=data_uri, prompt_text="pan left", ratio="1280:720",
        duration=4, audio=True, negative_prompt="rain", seed=3,
    )  # fmt: skip
    assert [one["field"] for one in made.warnings] == ["negativePrompt"]
    task = done(client, made.id)
    assert task.status == "SUCCEEDED"


def test_extras_go_through_extra_body(client: Any, data_uri: str) -> None:
    made = client.image_to_video.create(
        prompt_image=data_uri,
        prompt_text="orbit",
        extra_body={"loop": True, "fit": "cover"},
        **QUICK,
    )
    assert done(client, made.id).status == "SUCCEEDED"


def test_a_film_becomes_another(client: Any, data_uri: str, tmp_path: Path) -> None:
    made = client.image_to_video.create(prompt_image=data_uri, prompt_text="pan left", **QUICK)
    (film,) = done(client, made.id).output
    edit = client.video_to_video.create(
        model="aleph2", video_uri=film, prompt_text="black and white"
    )
    assert done(client, edit.id).status == "SUCCEEDED"
    tall = client.video_to_video.create(model="aleph2", video_uri=film, target_aspect_ratio="9:16")
    reframed = probe(downloaded(done(client, tall.id), tmp_path / "tall.mp4"))
    assert (reframed.width, reframed.height) == (720, 1280)
    uploaded = client.uploads.create_ephemeral(file=tmp_path / "tall.mp4").uri
    longer = client.video_to_video.create(
        model="seedance2_5", prompt_video=uploaded, prompt_text="hold", mode="extend", duration=1
    )
    assert done(client, longer.id).status == "SUCCEEDED"


def test_a_task_that_fails_raises_with_the_vendors_code(client: Any) -> None:
    made = client.image_to_video.create(
        prompt_image="https://nowhere.invalid/a.png", prompt_text="pan", **QUICK
    )
    with pytest.raises(runwayml.TaskFailedError) as raised:
        made.wait_for_task_output(timeout=60)
    details = raised.value.task_details
    assert (details.status, details.failure_code) == ("FAILED", "ASSET.INVALID")
    assert "nowhere.invalid" in details.failure


def test_cancelling_and_deleting(client: Any, data_uri: str) -> None:
    long = client.image_to_video.create(
        model="flipbook", prompt_image=data_uri, prompt_text="orbit", ratio="1280:720", duration=30
    )
    assert client.tasks.delete(long.id) is None
    assert client.tasks.retrieve(long.id).status == "CANCELLED"
    time.sleep(6)  # longer than between two looks at what may be removed
    assert client.tasks.retrieve(long.id).status == "CANCELLED"
    client.tasks.delete(long.id)
    with pytest.raises(runwayml.NotFoundError):
        client.tasks.retrieve(long.id)


def test_a_wait_that_is_too_short_ends(client: Any, data_uri: str) -> None:
    long = client.image_to_video.create(
        model="flipbook", prompt_image=data_uri, prompt_text="orbit", ratio="1920:1080", duration=60
    )
    with pytest.raises(runwayml.TaskTimeoutError):
        long.wait_for_task_output(timeout=0.1)
    client.tasks.delete(long.id)


def test_errors_are_the_packages_own_classes(client: Any, data_uri: str) -> None:
    def refused(kind: Any, call: Any, **given: Any) -> dict[str, Any]:
        with pytest.raises(kind) as raised:
            call(**given)
        body: dict[str, Any] = raised.value.body
        assert isinstance(body["error"], str)
        return body

    bad = runwayml.BadRequestError
    body = refused(bad, client.image_to_video.create, prompt_image=data_uri, prompt_text="x",
                   **QUICK | {"ratio": "wide"})  # fmt: skip
    assert body["issues"][0]["path"] == ["ratio"]
    words = refused(bad, client.text_to_video.create, model="gen4.5", prompt_text="a cat",
                    ratio="1280:720", duration=5)  # fmt: skip
    assert "picture" in words["error"]
    refused(bad, client.video_upscale.create, model="magnific_video_upscaler_creative",
            video_uri=data_uri)  # fmt: skip
    refused(bad, client.character_performance.create, model="act_two",
            character={"type": "image", "uri": data_uri},
            reference={"type": "video", "uri": data_uri})  # fmt: skip
    refused(bad, client.image_to_video.create, prompt_image="runway://uploads/file-" + "0" * 48,
            prompt_text="x", **QUICK)  # fmt: skip
    refused(
        runwayml.NotFoundError, client.tasks.retrieve, id="497f6eca-6276-4993-bfeb-53cbbbba6f08"
    )
    old = client.with_options(default_headers={"X-Runway-Version": "2023-01-01"})
    refused(bad, old.organization.retrieve)


def test_the_packages_retry_makes_no_second_task(server: Serving, data_uri: str) -> None:
    """The answer to the first try is lost on the way; the package tries again by itself."""
    seen: list[httpx.Response] = []

    class Losing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "POST":
                answer.read()
                seen.append(answer)
                if len(seen) == 1:
                    raise httpx.ReadError("the connection broke off", request=request)
            return answer

    with runwayml.RunwayML(
        base_url=server.url, api_key="x", http_client=httpx.Client(transport=Losing())
    ) as client:
        made = client.image_to_video.create(
            prompt_image=data_uri, prompt_text="made only once", **QUICK
        )
    assert len(seen) == 2
    assert seen[0].json()["id"] == seen[1].json()["id"] == made.id


def test_the_organization(client: Any) -> None:
    organization = client.organization.retrieve()
    assert organization.credit_balance > 0
    assert organization.tier.models["gen4_turbo"].max_daily_generations == 1_000_000
    assert organization.usage.models["gen4_turbo"].daily_generations >= 0
    usage = client.organization.retrieve_usage(start_date="2026-01-01", before_date="2026-01-03")
    assert [str(one.date) for one in usage.results] == ["2026-01-01", "2026-01-02"]


def test_the_asynchronous_client(server: Serving, photo: Path, data_uri: str) -> None:
    async def run() -> tuple[Any, Any]:
        async with runwayml.AsyncRunwayML(base_url=server.url, api_key="x") as client:
            upload = await client.uploads.create_ephemeral(file=photo)
            made = await client.image_to_video.create(
                prompt_image=upload.uri, prompt_text="pan left", **QUICK
            )
            long = await client.image_to_video.create(
                model="flipbook", prompt_image=data_uri, prompt_text="orbit", ratio="1280:720",
                duration=30,
            )  # fmt: skip
            task, _ = await asyncio.gather(
                made.wait_for_task_output(timeout=60), client.tasks.delete(long.id)
            )
            with pytest.raises(runwayml.TaskFailedError) as raised:
                await long.wait_for_task_output(timeout=60)
            return task, raised.value.task_details

    task, cancelled = asyncio.run(run())
    assert task.status == "SUCCEEDED"
    assert cancelled.status == "CANCELLED"


def test_the_environment_and_the_prefix(
    server: Serving, data_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWAYML_BASE_URL", f"{server.url}/runway")
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_anything")
    with runwayml.RunwayML() as client:
        made = client.image_to_video.create(prompt_image=data_uri, prompt_text="pan", **QUICK)
        assert done(client, made.id).status == "SUCCEEDED"


def test_the_router(client: Any, data_uri: str) -> None:
    made = client.generate.video.create(
        config_id="flipbook",
        input={
            "prompt_text": "pan left", "aspect_ratio": "16:9", "resolution": "480p", "duration": 1,
            "reference_images": [{"uri": data_uri, "role": "first"}],
        },
    )  # fmt: skip
    assert (made.routing.config_id, made.routing.provider) == ("flipbook", "flipbook")
    assert made.routing.resolved_input.ratio == "854:480"
    assert done(client, made.id).status == "SUCCEEDED"
