"""An engine that cannot film is refused where the shot comes in, and named in no list."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from wired import Wired, data_url, wired

from mutoscope.config import EngineAccount, Routes, Settings
from mutoscope.engines import door as doors
from mutoscope.engines.base import Readiness
from mutoscope.engines.door import Door
from mutoscope.errors import Missing
from workshop import Sketch


class Etching(Sketch):
    """An engine with a device, and what its check says."""

    name = "etching"
    device = True

    def __init__(self, *reasons: str) -> None:
        super().__init__()
        self.reasons = reasons
        self.asked = 0

    def on(self, compute: object) -> Sketch:
        return self

    def check(self) -> Readiness:
        self.asked += 1
        return Readiness(ready=not self.reasons, reasons=self.reasons)


LACKS = (
    "etching (34 GB) is not here; get it with `mutoscope models pull etching`",
    "the folder /srv/models/etching is not there",
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    engines = {"etching": Etching(*LACKS), "sketch": Sketch()}
    settings = Settings(routes=Routes(models={"sora-2-pro": "etching"}, default="sketch"))
    with wired(tmp_path, settings, engines=engines) as made:
        yield made


def names(here: Wired) -> set[str]:
    return {one["id"] for one in here.client.get("/v1/models").json()["data"]}


@pytest.mark.parametrize("model", ["etching", "sora-2-pro"])
def test_it_is_refused_with_what_it_lacks_and_no_job_is_made(here: Wired, model: str) -> None:
    given = {"prompt": "a", "model": model, "image_data": data_url(64, 64)}
    answer = here.client.post("/v1/videos", json=given)
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("engine_not_ready", "model")
    assert error["message"].startswith("etching cannot film here: etching (34 GB) is not here; get")
    assert "mutoscope models pull etching" in error["message"]
    assert "/srv" not in answer.text
    assert answer.headers["x-should-retry"] == "false"
    assert here.client.get("/v1/videos").json()["data"] == []


@pytest.mark.parametrize(
    ("path", "given", "headers"),
    [
        ("/gemini/v1beta/models/etching:predictLongRunning", {"instances": [{"prompt": "a"}]}, {}),
        ("/v1/publishers/google/models/etching:predictLongRunning",
         {"instances": [{"prompt": "a"}]}, {}),
        ("/v1/text_to_video",
         {"model": "etching", "promptText": "a", "ratio": "1280:720", "duration": 4},
         {"X-Runway-Version": "2024-11-06"}),
        ("/dream-machine/v1/generations/video", {"model": "etching", "prompt": "a"}, {}),
        ("/v1/generations", {"model": "etching", "prompt": "a"}, {}),
        ("/azure/openai/v1/videos", {"model": "etching", "prompt": "a"}, {}),
    ],
    ids=["gemini", "vertex", "runway", "luma", "luma agents", "azure"],
)  # fmt: skip
def test_every_dialect_says_it_in_its_own_form(
    here: Wired, path: str, given: dict[str, object], headers: dict[str, str]
) -> None:
    answer = here.client.post(path, json=given, headers=headers)
    assert answer.status_code == 503, answer.text
    assert "mutoscope models pull etching" in answer.text
    assert "/srv" not in answer.text


def test_weights_whose_licence_asks_for_consent_film_nothing_before_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_MODELS", str(tmp_path / "models"))
    model, own = "hunyuanvideo-1.5-i2v", tmp_path / "own"
    own.mkdir()
    (own / "model_index.json").write_text("{}")
    mine = EngineAccount(kind="diffusion", model=model, folder=own)
    routes = Routes(models={"sora-2-pro": model}, default="sketch")
    settings = Settings(routes=routes, engines={"mine": mine})
    with wired(tmp_path, settings, engines={"sketch": Sketch()}) as here:
        for name in (model, "mine", "sora-2-pro"):
            given = {"prompt": "a", "model": name, "image_data": data_url(64, 64)}
            answer = here.client.post("/v1/videos", json=given)
            assert answer.status_code == 503, answer.text
            message = answer.json()["error"]["message"]
            assert f"asks for your consent first; read and accept it with `mutoscope models accept {model}`" in message  # fmt: skip
        assert not {model, "mine"} & names(here)
        assert here.client.get("/v1/videos").json()["data"] == []


def test_no_list_of_models_names_it(here: Wired) -> None:
    assert {"etching", "sora-2-pro"} & names(here) == set()
    assert {"sketch", "sora-2"} <= names(here)
    assert here.client.get("/v1/models/etching").status_code == 404
    listed = here.client.get("/gemini/v1beta/models?pageSize=1000").json()["models"]
    assert "models/etching" not in {one["name"] for one in listed}
    assert "models/sketch" in {one["name"] for one in listed}


def test_it_films_as_soon_as_it_is_ready(here: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "HASTY", 0.0)
    given = {"prompt": "a", "model": "etching", "image_data": data_url(64, 64)}
    assert here.client.post("/v1/videos", json=given).status_code == 503
    engine = here.house.engines.get("etching").engine
    assert isinstance(engine, Etching)
    engine.reasons = ()
    assert here.client.post("/v1/videos", json=given).status_code == 200
    assert "etching" in names(here)


def test_a_shot_without_a_picture_is_not_sent_to_it(here: Wired, tmp_path: Path) -> None:
    answer = here.client.post("/v1/videos", json={"prompt": "a", "model": "flipbook"})
    assert answer.status_code == 400
    assert "sketch" in answer.json()["error"]["hint"]
    assert "etching" not in answer.json()["error"]["hint"]


def test_many_requests_look_once() -> None:
    engine = Etching()

    async def run() -> None:
        door = Door("etching", engine)
        assert not door.ready.ready  # nobody has looked
        looked = await asyncio.gather(*(door.look() for _ in range(50)))
        assert all(one.ready for one in looked)

    asyncio.run(run())
    assert engine.asked == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [(Missing("no library"), "no library"), (OSError("gone"), "its check failed: gone")],
)
def test_a_check_that_breaks_is_a_reason(error: Exception, said: str) -> None:
    class Broken(Etching):
        def check(self) -> Readiness:
            raise error

    looked = asyncio.run(Door("etching", Broken()).look())
    assert looked.reasons == (said,)
