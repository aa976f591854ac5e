"""A pull ends with a whole, verified checkpoint under its name, or with a sentence and nothing under it."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.known_models import CONSENT, FILES, NAME, REPOSITORY, SHARD, VAE, lora, written
from models.standin_hub import SPARE, Hub, checkpoint, noise
from mutoscope import models
from mutoscope.catalog.model import Contract
from mutoscope.errors import BadInput, Cancelled, CannotWrite, Missing, WeightsCorrupt
from mutoscope.models import hub as client
from mutoscope.models import licences, pieces, places, plan, record
from mutoscope.models.carrying import Report
from mutoscope.models.own import use
from mutoscope.models.plan import Share
from mutoscope.models.pull import Pulled, pull

pytest.importorskip("huggingface_hub")
pytestmark = pytest.mark.torch  # the hub's client is in the same extra

Change = Callable[..., Contract]
WHOLE = sum(map(len, FILES.values()))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "WAIT", 0.0)
    monkeypatch.setattr(client, "BUSY", 0)


def one(**given: Any) -> Pulled:
    [made] = pull(NAME, **given)
    return made


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def left(folder: Path) -> list[str]:
    """What a pull left beside what it made, locks aside."""
    return sorted(path.name for path in (folder / ".pull").iterdir() if path.suffix != ".lock")


def test_the_whole_checkpoint_and_nothing_else(hub: Hub, models_folder: Path) -> None:
    made = one()
    assert names(Path(made.path)) == set(FILES)
    assert all((Path(made.path) / name).read_bytes() == body for name, body in FILES.items())
    assert made.downloaded == made.size == WHOLE
    assert models.find(NAME) == Path(made.path) == models_folder / NAME
    assert models.lacking(NAME) == ""
    assert left(models_folder) == []
    assert {name: hub.served[name] for name in FILES if "index" not in name} == {
        name: len(body) for name, body in FILES.items() if "index" not in name
    }, "each file's bytes came once; what names the others is read for the plan, too"
    assert not [name for name in SPARE if hub.served[name]]


def test_the_record_pins_the_commit_and_has_every_hash(hub: Hub) -> None:
    one()
    known = record.read(places.record(NAME))
    assert known is not None
    assert (known.repository, known.revision) == (REPOSITORY, "main")
    assert known.commit in hub.repositories[REPOSITORY].commits
    assert known.when
    assert {name: (file.size, file.sha256) for name, file in known.files.items()} == {
        name: (len(body), hashlib.sha256(body).hexdigest()) for name, body in FILES.items()
    }


def test_what_is_here_asks_nobody(hub: Hub) -> None:
    one()
    asked = len(hub.asked)
    assert one().already
    assert one(revision="main").already
    assert len(hub.asked) == asked


def test_how_much_it_is_is_said_before_anything_comes(hub: Hub, models_folder: Path) -> None:
    told: list[tuple[int, int]] = []

    def agree(shares: list[Share]) -> bool:
        told.extend((share.coming, len(share.plan.files)) for share in shares)
        return False

    with pytest.raises(Cancelled, match="nothing was pulled"):
        one(agree=agree)
    assert told == [(WHOLE, len(FILES))]
    assert not hub.served[VAE]
    assert left(models_folder) == []
    now = hub.add(REPOSITORY, checkpoint(seed=50))
    assert one().commit == now, "what was said no to pins nothing"


def test_too_small_a_disk_is_refused_before_anything(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=WHOLE - 1))
    with pytest.raises(CannotWrite, match=r"are still to be downloaded, and only .* are free"):
        one(agree=lambda shares: pytest.fail("asked though it does not fit"))
    assert not hub.served[VAE]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=WHOLE))
    assert one().downloaded == WHOLE


def test_progress_adds_up_to_what_was_said(hub: Hub) -> None:
    class Counting(Report):
        came = 0
        files: list[str]

        def moved(self, length: int) -> None:
            with lock:
                self.came += length

        def done(self, name: str) -> None:
            with lock:
                self.files.append(name)

    lock, report = threading.Lock(), Counting()
    report.files = []
    hub.cut[SHARD] = [100_000]
    one(report=report)
    assert report.came == WHOLE
    assert sorted(report.files) == sorted(FILES)


def test_a_connection_that_breaks_is_gone_on_with(hub: Hub) -> None:
    hub.cut[SHARD] = [100_000, 50_000]
    one()
    assert hub.served[SHARD] == 300_000, "no byte came twice"
    spans = [span for path, span, _ in hub.asked if path.startswith("cdn/") and SHARD in path]
    assert spans == ["", "bytes=100000-", "bytes=150000-"]


def test_a_hub_that_gives_no_ranges_starts_anew(hub: Hub) -> None:
    hub.cut[SHARD] = [100_000]
    hub.ranges = False
    assert (Path(one().path) / SHARD).read_bytes() == FILES[SHARD]


def test_a_pull_that_failed_goes_on_where_it_was(hub: Hub, models_folder: Path) -> None:
    hub.cut[SHARD] = [100_000] + [0] * client.TRIES
    with pytest.raises(Missing, match=rf"What came is kept; `mutoscope models pull {NAME}`"):
        one()
    assert models.find(NAME) is None
    assert "has come only in part" in models.lacking(NAME)
    hub.cut.clear()
    one()
    assert hub.served[SHARD] == 300_000


def test_a_branch_that_moves_on_does_not_mix_two_commits(hub: Hub) -> None:
    first = list(hub.repositories[REPOSITORY].commits)[-1]
    hub.cut[SHARD] = [100_000] + [0] * client.TRIES
    with pytest.raises(Missing, match="goes on with it"):
        one()
    hub.cut.clear()
    hub.add(REPOSITORY, checkpoint(seed=50))
    assert one().commit == first
    assert models.find(NAME) is not None


def test_a_history_that_was_rewritten_is_noticed(hub: Hub) -> None:
    hub.cut[SHARD] = [100_000] + [0] * client.TRIES
    with pytest.raises(Missing, match="goes on with it"):
        one()
    hub.repositories[REPOSITORY].commits.clear()
    now = hub.add(REPOSITORY, checkpoint() | {VAE: noise(21_000, 77)})
    hub.cut.clear()
    with pytest.raises(Missing, match="has no revision"):
        one()
    assert one().commit == now
    assert hub.served[SHARD] == 300_000, "what is the same did not come again"


def test_a_damaged_file_comes_again(hub: Hub) -> None:
    hub.spoilt[SHARD] = 1
    assert (Path(one().path) / SHARD).read_bytes() == FILES[SHARD]


@pytest.mark.parametrize("name", [SHARD, "vae/config.json"])
def test_a_file_that_is_not_the_listed_one_is_never_taken(
    hub: Hub, models_folder: Path, name: str
) -> None:
    hub.spoilt[name] = 9
    with pytest.raises(WeightsCorrupt, match=f"{name} came damaged twice"):
        one()
    assert models.find(NAME) is None
    assert not (models_folder / NAME).exists()
    hub.spoilt.clear()
    one()
    assert models.lacking(NAME) == ""


def test_a_gated_repository_says_what_to_do(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.repositories[REPOSITORY].gated = True
    sentence = rf"is gated: accept its terms on {hub.address}/{REPOSITORY} .* set HF_TOKEN"
    with pytest.raises(Missing, match=sentence):
        one()
    monkeypatch.setenv("HF_TOKEN", "hf_stranger")
    with pytest.raises(Missing, match=sentence):
        one()
    monkeypatch.setenv("HF_TOKEN", "hf_granted")
    one()
    bearing = [path for path, _, headers in hub.asked if "hf_granted" in str(headers)]
    assert bearing
    assert not [path for path in bearing if path.startswith("cdn/")], "the token is the hub's alone"


def test_a_repository_that_is_not_there(hub: Hub) -> None:
    hub.repositories.clear()
    with pytest.raises(Missing, match=f"the hub has no repository {REPOSITORY}, or not for you"):
        one()


def test_a_revision_that_is_not_there(hub: Hub) -> None:
    with pytest.raises(Missing, match="has no revision 'v9'"):
        one(revision="v9")


def test_a_file_that_is_listed_and_not_given(hub: Hub) -> None:
    hub.status[VAE] = [404]
    with pytest.raises(Missing, match=f"{REPOSITORY} lists {VAE} and does not have it"):
        one()


def test_a_repository_that_is_not_whole(hub: Hub, models_folder: Path) -> None:
    hub.add(REPOSITORY, {name: body for name, body in checkpoint().items() if name != SHARD})
    with pytest.raises(Missing, match=f"is not whole at .*: it has no {SHARD}"):
        one(agree=lambda shares: pytest.fail("asked though it is not whole"))
    assert left(models_folder) == []
    assert not hub.served[VAE], "before anything is downloaded"


def test_a_repository_in_another_layout(hub: Hub) -> None:
    hub.add(REPOSITORY, {"Wan2.2.safetensors": noise(9000, 1)})
    with pytest.raises(Missing, match="no checkpoint in diffusers' layout"):
        one()


def test_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Missing, match=r"no answer from http://127.0.0.1:9/.*nothing of .* is in"):
        one()
    monkeypatch.setenv("HF_ENDPOINT", "mirror.example")
    with pytest.raises(Missing, match="must be an http or https address"):
        one()


def test_offline_asks_nobody(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Missing, match="HF_HUB_OFFLINE is set, and nothing of"):
        one()
    assert hub.asked == []


def test_without_the_extra_it_says_how_to_get_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "find_spec", lambda name: None)
    with pytest.raises(
        Missing, match=r'client is not installed here \(pip install "mutoscope\[gpu\]"'
    ):
        one()


def test_the_pattern_of_the_catalogue_choose(hub: Hub, catalogue: Change) -> None:
    catalogue(files=("transformer/", "scheduler/*", "vae/", "tokenizer/", "text_encoder/"))
    assert names(Path(one().path)) == set(FILES)


def test_a_licence_that_asks_for_a_consent_is_refused_first(hub: Hub, catalogue: Change) -> None:
    catalogue(licence=CONSENT)
    with pytest.raises(BadInput, match=f"`mutoscope models accept {NAME}`"):
        one()
    assert hub.asked == []
    licences.accept(pieces.checkpoint(NAME))
    one()
    assert models.lacking(NAME) == ""


def test_the_loras_that_a_quality_uses_come_along(hub: Hub, catalogue: Change) -> None:
    weights = {"high/four-steps.safetensors": noise(40_000, 7), "low/other.safetensors": b"x"}
    hub.add("someone/loras", weights)
    made = catalogue()
    assert made.checkpoint is not None
    fast = msgspec.structs.replace(made.checkpoint.tiers["draft"], lora="fast")
    catalogue(loras={"fast": lora(), "slow": lora()}, tiers={"draft": fast})
    assert [one.name for one in pull(NAME)] == [NAME, f"{NAME}+fast"]
    found = models.lora(NAME, "fast")
    assert found is not None
    assert found["transformer"].read_bytes() == weights["high/four-steps.safetensors"]
    assert not hub.served["low/other.safetensors"]
    assert models.lora(NAME, "slow") is None
    assert [one.downloaded for one in pull(NAME, loras=("slow",))] == [0, 0], "it is linked"
    assert models.lora(NAME, "slow") is not None


def test_a_lora_whose_licence_was_not_accepted_is_left_out_or_refused(
    hub: Hub, catalogue: Change
) -> None:
    made = catalogue()
    assert made.checkpoint is not None
    fast = msgspec.structs.replace(made.checkpoint.tiers["draft"], lora="fast")
    catalogue(loras={"fast": lora(CONSENT)}, tiers={"draft": fast})
    said: list[str] = []

    class Listening(Report):
        def said(self, line: str) -> None:
            said.append(line)

    assert [one.name for one in pull(NAME, report=Listening())] == [NAME]
    assert "left out: the licence of the LoRA 'fast'" in said[0]
    with pytest.raises(BadInput, match="--lora fast"):
        pull(NAME, loras=("fast",))


def test_a_lora_that_its_repository_does_not_have(hub: Hub, catalogue: Change) -> None:
    hub.add("someone/loras", {"other.safetensors": b"x"})
    catalogue(loras={"fast": lora()})
    with pytest.raises(Missing, match=r"someone/loras has no high/four-steps.safetensors at"):
        pull(NAME, loras=("fast",))


def test_what_another_checkpoint_has_is_linked(hub: Hub, catalogue: Change) -> None:
    catalogue(also="twin")
    one()
    before = hub.served.total()
    [twin] = pull("twin")
    assert (twin.downloaded, twin.linked) == (0, WHOLE)
    assert hub.served.total() == before
    assert (places.place("twin") / VAE).stat().st_ino == (places.place(NAME) / VAE).stat().st_ino


def test_another_revision_brings_only_what_is_new(hub: Hub, models_folder: Path) -> None:
    one()
    before = dict(hub.served)
    sha = hub.add(REPOSITORY, checkpoint() | {VAE: noise(21_000, 77)})
    made = one(revision=sha)
    assert made.commit == sha
    assert made.downloaded == 21_000
    assert hub.served[SHARD] == before[SHARD]
    assert (Path(made.path) / VAE).stat().st_size == 21_000
    assert left(models_folder) == []


def test_a_folder_whose_record_is_lost_is_looked_into(hub: Hub) -> None:
    place = Path(one().path)
    places.record(NAME).unlink()
    (place / VAE).write_bytes(bytes(len(FILES[VAE])))
    assert models.find(NAME) is None
    one()
    assert models.lacking(NAME) == ""
    assert (place / VAE).read_bytes() == FILES[VAE]
    assert hub.served[SHARD] == 300_000, "it was whole, and did not come again"


def test_a_file_that_is_too_large_for_the_hubs_http_is_told_before_anything(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST", 100_000)
    with pytest.raises(Missing, match=f"`hf download {REPOSITORY} --revision .* links it"):
        one()
    assert not hub.served[VAE]


def test_a_checkpoint_with_a_hole_is_mended(hub: Hub) -> None:
    (Path(one().path) / VAE).unlink()
    assert "is damaged" in models.lacking(NAME)
    made = one()
    assert made.downloaded == len(FILES[VAE])
    assert hub.served[SHARD] == 300_000, "once, at first"
    assert models.lacking(NAME) == ""


def test_a_folder_of_the_owners_is_not_pulled_over(hub: Hub, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine")
    use(NAME, mine)
    assert one().already
    (mine / SHARD).unlink()
    with pytest.raises(BadInput, match=f"`mutoscope models remove {NAME}` forgets it"):
        one()
    assert hub.asked == []


def test_a_second_pull_waits_and_finds_it_there(hub: Hub) -> None:
    began, go_on = threading.Event(), threading.Event()
    said: list[str] = []

    class Listening(Report):
        def said(self, line: str) -> None:
            said.append(line)
            go_on.set()

    def hold(name: str, sent: int) -> None:
        if name == SHARD and not sent:
            began.set()
            assert go_on.wait(30)

    hub.hold = hold
    first = threading.Thread(target=one)
    first.start()
    assert began.wait(30)
    second = one(report=Listening())
    first.join()
    assert said == [f"another mutoscope is pulling {NAME}; waiting for it"]
    assert second.already
    assert hub.served[SHARD] == 300_000


def test_a_folder_that_cannot_be_written(hub: Hub, models_folder: Path) -> None:
    models_folder.write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match="MUTOSCOPE_MODELS names another folder"):
        one()


def test_a_hub_that_is_overloaded_is_told_so(hub: Hub) -> None:
    hub.status[SHARD] = [503]
    with pytest.raises(Missing, match="the hub answers HTTP 503: try again later"):
        one()
    kept = plan.share(pieces.checkpoint(NAME), "main")
    assert SHARD in kept.gets
    assert kept.links == {}
