"""`mutoscope characters`, on a data folder beside a server or without one."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from clips_made import frame, orange, written
from mutoscope import weights
from mutoscope.characters import frames
from mutoscope.characters.store import Characters
from mutoscope.cli import build
from mutoscope.errors import MutoscopeError
from mutoscope.jobs.job import NewJob, Problem
from mutoscope.jobs.ledger import Ledger
from mutoscope.jobs.retention import LEAVING
from mutoscope.storage.media import MediaStore
from mutoscope.storage.records import Records
from mutoscope.storage.tables import media_uses

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def by_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "find_subject", orange)
    monkeypatch.setattr(weights, "find", lambda name: Path("matte") if name == "matte" else None)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return written(tmp_path / "nova.mp4", [frame(120 + n) for n in range(12)])


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = []
    for number, rgb in enumerate((frame(150), frame(150, wide=0.9), frame(-900))):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(rgb).save(paths[-1])
    return paths


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs `mutoscope characters …` on the folder: exit code, what it printed, what it complained of."""

    def run(*words: object, data: str = "data") -> tuple[int, str, str]:
        out, said = io.StringIO(), io.StringIO()
        given = ["characters", *map(str, words), "--data", str(tmp_path / data)]
        code = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            try:
                build()(given, result_action="return_value")
            except MutoscopeError as error:
                code = error.exit_code
                print(error.message, file=said)
        return code, out.getvalue(), said.getvalue()

    return run


def shown(call: Call, name: str, data: str = "data") -> Any:
    return json.loads(call("show", name, "--json", data=data)[1])


def test_of_a_film_it_is_ready_when_the_command_ends(call: Call, film: Path) -> None:
    assert call("list")[1] == "no characters; `mutoscope characters add NAME FILE` makes one\n"
    code, out, said = call("add", "Roller Pan", film, "--description", "a red one")
    assert (code, said) == (0, "")
    assert out.startswith("Roller Pan: ready, ")
    one = shown(call, "roller pan")
    assert one["origin"] == {"kind": "upload", "filenames": ["nova.mp4"]}
    assert (one["mention"], one["description"]) == ("@Roller_Pan", "a red one")
    assert json.loads(call("list", "--json")[1]) == [one]
    assert "Roller Pan: ready" in call("list")[1]
    assert call("list", "--project", "other")[1].startswith("no characters")


def test_of_a_part_of_a_film(call: Call, film: Path, tmp_path: Path) -> None:
    assert call("add", "Nova", film, "--from", 0.25, "--to", 0.75)[0] == 0
    one = shown(call, "Nova")
    assert (one["origin"]["from"], one["origin"]["to"]) == (0.25, 0.75)
    stored = list(MediaStore(tmp_path / "data" / "media").stored())
    kept = {frame[what]["sha256"] for frame in one["frames"] for what in ("media", "matte")}
    assert len(stored) == len(kept) + 1  # and the part; of the whole film nothing is here


def test_of_pictures_and_what_each_gave(call: Call, pictures: list[Path]) -> None:
    code, out, _ = call("add", "Nova", *pictures)
    assert code == 0
    assert "2.png gave no reference frame" in out
    assert shown(call, "Nova")["origin"]["pictures"] == 3


def test_what_cannot_be_made_is_one_sentence(
    call: Call, film: Path, pictures: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "x.txt").write_text("hello")
    broken = tmp_path / "broken.png"
    broken.write_bytes(pictures[0].read_bytes()[:200])
    for words, said in (
        (("Nova", tmp_path / "none.mp4"), "No such file"),
        (("Nova", tmp_path / "x.txt"), "give a film or pictures"),
        (("Nova", film, pictures[0]), "one film, or of pictures"),
        (("Nova", *pictures * 6), "at most 16"),
        (("!!!", film), "name"),
        (("Nova", film, "--from", 1), "belong together"),
        (("Nova", pictures[0], "--from", 1, "--to", 2), "to a film"),
        (("Nova", pictures[2]), "nobody and nothing stands out"),
        (("Nova", broken), "broken.png"),
        (("Nova", film, "--uses", "any"), "needs --person"),
        (("Nova", film, "--person", "Ada"), "needs --uses"),
        (("Nova", film, "--person", "Ada", "--uses", "locl"), "one of local"),
    ):
        code, out, told = call("add", *words)
        assert (code, out) == (2, ""), words
        assert said in told
        assert len(told.strip().splitlines()) == 1
    assert call("list", "--json")[1].strip() == "[]"


def test_edited_and_its_consent_taken_away(call: Call, film: Path) -> None:
    call("add", "Nova", film, "--person", "Ada", "--uses", "local,export", "--until", "2020-01-31")
    one = shown(call, "Nova")
    assert one["consent"]["given_by"] == "Ada"
    assert one["consent"]["uses"] == ["local", "export"]
    assert "consent, which has ended" in call("list")[1]
    assert "ended with 2020-01-31" in call("show", "Nova")[1]
    assert call("edit", "Nova", "--name", "Zoé", "--no-consent")[0] == 0
    one = shown(call, "Zoé")
    assert (one["name"], one["consent"]) == ("Zoé", None)
    code, _, said = call("edit", "Zoé")
    assert (code, "nothing is changed" in said) == (2, True)
    code, _, said = call("edit", "Zoe", "--description", "x")
    assert (code, "did you mean Zoé?" in said) == (2, True)


def test_a_contact_sheet_shows_every_frame(
    call: Call, pictures: list[Path], tmp_path: Path
) -> None:
    call("add", "Nova", *pictures)
    code, out, _ = call("show", "Nova", "--sheet", tmp_path / "sheet.png")
    assert code == 0
    assert "sheet.png" in out
    with Image.open(tmp_path / "sheet.png") as opened:
        rgb = np.asarray(opened.convert("RGB")).astype(int)
    half = rgb.shape[1] // 2
    for part in (rgb[:, :half], rgb[:, half:]):  # each tile shows the figure twice
        found = (part[..., 0] - part[..., 2] > 60) & (part[..., 0] > part[..., 1])
        rows = np.flatnonzero(found.any(1))
        assert rows[0] < rgb.shape[0] / 2 < rows[-1]


def test_exported_and_imported_on_another_data_folder_it_is_the_same(
    call: Call, film: Path, tmp_path: Path
) -> None:
    call("add", "Nova", film, "--person", "Ada", "--uses", "any", "--note", "小明")
    out = tmp_path / "nova.mutochar"
    assert call("export", "Nova", "-o", out) == (0, f"{out}\n", "")
    code, _, said = call("export", "Nova", "-o", out)
    assert (code, "there already" in said) == (2, True)
    assert call("import", out, data="other")[0] == 0
    mine, theirs = shown(call, "Nova"), shown(call, "Nova", "other")
    for field in ("name", "description", "consent", "frames", "faces", "status"):
        assert theirs[field] == mine[field]
    assert theirs["id"] != mine["id"]
    assert call("export", "Nova", "-o", tmp_path / "again", data="other")[0] == 0
    assert (tmp_path / "again").read_bytes() == out.read_bytes()
    assert call("import", out, "--name", "Nova 2")[0] == 0
    assert shown(call, "Nova 2")["frames"] == mine["frames"]
    for bad in (film, tmp_path / "none"):
        assert call("import", bad)[0] == 2
    assert not list(tmp_path.glob(".character-*"))


def test_deleting_leaves_no_orphan_media_and_no_job(call: Call, film: Path, tmp_path: Path) -> None:
    call("add", "Nova", film)
    call("add", "Nova", film)
    with Records.open("", tmp_path / "data") as records:  # as a server has them open
        first = shown(call, "Nova")
        new = NewJob(
            id=first["id"], object="character", project="default", dialect="native",
            kind="character", model="character", engine="house", stage="frames",
        )  # fmt: skip
        asyncio.run(Ledger(records).create(new))
        assert call("delete", first["id"])[0] == 0
        assert asyncio.run(Characters(records).get(first["id"], "default")) is None
        job = asyncio.run(Ledger(records).get(first["id"]))
        assert job is not None
        assert job.cancel_requested
        media = MediaStore(tmp_path / "data" / "media")
        assert len(list(media.stored())) > 1  # the other one needs them
        assert call("delete", "Nova")[0] == 0
        leaving = set(
            records.read_now(lambda c: c.execute(media_uses.select()).all())
        )  # fmt: skip
        assert {row.owner for row in leaving} <= {LEAVING}
        assert {row.sha256 for row in leaving} == set(media.stored())  # sent a moment ago
        code, _, said = call("delete", "Nova")
        assert (code, "no character 'Nova'" in said) == (2, True)


def test_of_two_named_alike_the_newest_that_did_not_fail_is_shown(
    call: Call, film: Path, tmp_path: Path
) -> None:
    call("add", "Nova", film, "--description", "first")
    call("add", "nova", film, "--description", "second")
    with Records.open("", tmp_path / "data") as records:

        async def third() -> None:
            await Characters(records).create("char_f", "default", "Nova")
            await Characters(records).failed("char_f", Problem(code="x", message="came to nothing"))

        asyncio.run(third())
    assert shown(call, "@Nova")["description"] == "second"
    assert "came to nothing" in call("show", "char_f")[1]
    code, _, said = call("show", "char_none")
    assert (code, "char_none" in said) == (2, True)


def test_a_list_that_leaves_some_out_says_so(call: Call, film: Path) -> None:
    for name in ("Nova", "Luna"):
        assert call("add", name, film)[0] == 0
    assert "--limit 2 shows more" in call("list", "--limit", 1)[1]
    assert "shows more" not in call("list", "--limit", 2)[1]
