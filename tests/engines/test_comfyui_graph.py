"""A workflow's file: what makes it one, its placeholders, and the table beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.comfy_graphs import TABLE, account, graph, kept, node, nodes
from mutoscope.engines.comfyui.graph import read
from mutoscope.engines.comfyui.graphs import Graphs
from mutoscope.engines.comfyui.placeholders import Values
from mutoscope.engines.comfyui.table import Table, rule
from mutoscope.errors import BadInput
from mutoscope.shot import Size


def one(text: Any, table: str = "") -> dict[str, Any]:
    """A workflow whose only input is this."""
    return {"1": node("CLIPTextEncode", text=text)}


def test_placeholders_are_found_wherever_they_stand(tmp_path: Path) -> None:
    made = one({"deep": ["{{ prompt }}", {"er": "{{Negative_Prompt|a, b}}"}], "image": "{{image}}"})
    found = {place.name: place for place in graph(tmp_path, made, table="").places}
    assert set(found) == {"prompt", "negative", "first_frame"}
    assert found["negative"].default == "a, b"
    assert found["first_frame"].sort == "picture"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON; export the workflow again, in API format"),
        ('{"nodes": [], "links": []}', "as the editor keeps it; export it in API format"),
        ("[]", "is no workflow in API format"),
        ("{}", "is no workflow in API format"),
        ('{"1": {"inputs": {}}}', "is no workflow in API format"),
        (one("a cat"), 'has no placeholder; write "{{prompt}}" where the words belong'),
        (one("{{promt}}"), "unknown placeholder {{promt}} in node 1, text; did you mean prompt?"),
        (one("{{qqq}}"), "unknown placeholder {{qqq}} in node 1, text; there are prompt, "),
        (one("{{seed?}}"), "only files can be left out, a value has a default: {{seed|...}}"),
        (one("in/{{first_frame}}"), "among other words in node 1; a file stands by itself"),
        (one("{{frame_0}}"), "unknown placeholder {{frame_0}}"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, content: Any, said: str) -> None:
    path = tmp_path / "wan.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(BadInput) as caught:
        read(path)
    assert said in caught.value.message
    assert caught.value.message.startswith(str(path))
    assert "\n" not in caught.value.message


def test_a_file_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not there; export the workflow to it, in API format"):
        read(tmp_path / "wan.json")


def test_a_workflow_as_it_is_sent_is_one_too(tmp_path: Path) -> None:
    path = tmp_path / "wan.json"
    path.write_text(json.dumps({"prompt": nodes(), "client_id": "x"}))
    path.with_suffix(".toml").write_text(TABLE)
    assert "first_frame" in read(path).names


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("fsp = 16", "unknown field `fsp`"),
        ('frames = "every 4"', 'it must be a rule such as "4k+1"'),
        ("seconds = [5, 1]", "seconds are the shortest and the longest film"),
        ("[quality.draft]\nsteps = 4\n[quality.best]\ncfg = 2", "the same names a value"),
        ("[quality.quick]\nsteps = 4", "quick"),
        ("fps", "cannot be read"),
        ('output = "99"', "output is '99', which is no node"),
    ],
)
def test_a_wrong_table_is_one_sentence(tmp_path: Path, table: str, said: str) -> None:
    path = kept(tmp_path / "graphs", one("{{prompt}}"), table=table)
    with pytest.raises(BadInput) as caught:
        read(path)
    assert said in caught.value.message
    assert str(path.with_suffix(".toml")) in caught.value.message


@pytest.mark.parametrize(
    ("text", "known", "made"),
    [
        ("{{seed}}", {"seed": 5}, 5),
        ("{{seed|42}}", {"seed": 5}, 5),
        ("{{fps}}", {"fps": 16}, 16),
        ("{{ strength | 0.8 }}", {}, 0.8),
        ("{{sound|false}}", {}, False),
        ("{{negative|blurry, static}}", {}, "blurry, static"),
        ("{{negative|}}", {}, ""),
        ("{{width}}x{{height}}, {{sound}}", {"width": 64, "height": 36, "sound": True}, "64x36, true"),
        ("{a|b} {{prompt}} {{", {"prompt": "x"}, "{a|b} x {{"),
        ("{{last_frame|first_frame}}", {"first_frame": "mutoscope/a.png"}, "mutoscope/a.png"),
        ("{{last_frame|black.png}}", {}, "black.png"),
        (["3", 0], {}, ["3", 0]),
        ({"deep": ["{{seed}}"]}, {"seed": 5}, {"deep": [5]}),
    ],
)  # fmt: skip
def test_a_text_becomes_the_value(text: Any, known: dict[str, Any], made: Any) -> None:
    filled = Values(known).filled(text)
    assert filled == made
    assert type(filled) is type(made)


def test_a_default_goes_before_what_nobody_asked_for() -> None:
    assert Values({"seed": 0}, {"seed"}).filled("{{seed|42}}") == 42
    assert Values({"seed": 0}, {"seed"}).filled("{{seed}}") == 0


@pytest.mark.parametrize(
    ("asked", "table", "size"),
    [
        (Size(1280, 720), Table(), "1280x720"),
        (Size(1280, 720), Table(multiple=16), "1280x720"),
        (Size(1280, 720), Table(multiple=32), "1280x704"),
        (Size(1920, 1080), Table(multiple=16, pixels=832 * 480), "832x480"),
        (Size(720, 1280), Table(multiple=16, pixels=832 * 480), "480x832"),
        (Size(64, 64), Table(multiple=128), "128x128"),
        (Size(1280, 720), Table(multiple=5), "1280x720"),
    ],
)
def test_the_size_that_is_filmed(asked: Size, table: Table, size: str) -> None:
    made = table.size(asked)
    assert str(made) == size
    assert not table.pixels or made.width * made.height <= table.pixels
    assert made.width % table.multiple == made.height % table.multiple == 0


@pytest.mark.parametrize(
    ("frames", "wanted", "count"),
    [("4k+1", 80, 81), ("4k+1", 81, 81), ("4k+1", 82, 85), ("8k + 1", 120, 121), ("", 97.2, 97),
     ("4k", 9, 12), ("4k+1", 0.2, 1)],
)  # fmt: skip
def test_the_count_that_is_filmed_is_enough(frames: str, wanted: float, count: int) -> None:
    assert Table(frames=frames).count(wanted) == count


def test_a_rule_of_frames() -> None:
    assert rule("4k+1") == (4, 1)
    assert rule("8*k + 1") == (8, 1)
    with pytest.raises(ValueError, match="frames is '0k'"):
        rule("0k")


def test_an_account_has_graphs_by_name(tmp_path: Path) -> None:
    folder = kept(tmp_path / "graphs").parent
    graphs = Graphs("comfy", account("http://x", folder))
    assert graphs.get("wan").file == "wan.json"
    assert graphs.get("comfy").file == "wan.json"  # it has one alone
    assert graphs.wrong() == []
    both = Graphs("comfy", account("http://x", folder, models={"a": "wan", "b": "ltx"}))
    assert both.get("a").file == "wan.json"
    assert both.get("azure/a").file == "wan.json"
    with pytest.raises(BadInput, match="has several workflows; ask for one of a or b"):
        both.get("comfy")
    (wrong,) = both.wrong()
    assert "ltx.json is not there" in wrong


def test_an_account_without_names_has_the_only_graph(tmp_path: Path) -> None:
    folder = tmp_path / "graphs"
    graphs = Graphs("comfy", account("http://x", folder, models={}))
    assert "which is no folder" in graphs.wrong()[0]
    folder.mkdir()
    assert "has no workflow; export one there" in graphs.wrong()[0]
    kept(folder)
    assert graphs.get("comfy").file == "wan.json"
    kept(folder, name="ltx")
    (wrong,) = graphs.wrong()
    assert 'name them in engines.comfy.models, as { "ltx" = "ltx.json" }' in wrong
    assert "names no folder" in Graphs("comfy", account("http://x", Path())).wrong()[0]


def test_a_graph_that_was_changed_is_read_again(tmp_path: Path) -> None:
    path = kept(tmp_path / "graphs")
    graphs = Graphs("comfy", account("http://x", path.parent))
    before = graphs.get("wan")
    assert graphs.get("wan") is before
    path.with_suffix(".toml").write_text(TABLE + 'title_is_wrong = "x"\n')
    with pytest.raises(BadInput):
        graphs.get("wan")
    path.with_suffix(".toml").write_text(TABLE.replace("Wan 2.2", "Wan 2.2 on the attic's machine"))
    assert graphs.get("wan").table.title == "Wan 2.2 on the attic's machine"
