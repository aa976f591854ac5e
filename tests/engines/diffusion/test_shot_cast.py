"""Characters reach a model as cut-outs on white where it takes references, else in words; each is told."""

from pathlib import Path

import numpy as np
from PIL import Image

from engines.diffusion.shot_stage import Played, checkpoint, order, picture, played
from mutoscope.engines.base import CastMember
from mutoscope.shot import Role

REFERENCES = checkpoint("first", "references", references=3, words_alone=True)
WORDS = checkpoint("first", words_alone=True)


def cutout(folder: Path, name: str, colour: tuple[int, int, int]) -> Path:
    page = np.zeros((80, 60, 4), np.uint8)
    page[20:60, 20:40] = (*colour, 255)
    path = folder / f"{name}.png"
    Image.fromarray(page).save(path)
    return path


def cast(folder: Path, *, pictures: int = 2, description: str = "a round hen") -> dict[str, CastMember]:  # fmt: skip
    cutouts = tuple(cutout(folder, f"hen{n}", (200, 60 * n, 0)) for n in range(pictures))
    return {"Henny Hen": CastMember("Henny Hen", description=description, cutouts=cutouts)}


def filmed(folder: Path, model, members: dict[str, CastMember], prompt: str = "@Henny_Hen runs, then @Henny_Hen sleeps") -> Played:  # type: ignore[no-untyped-def]  # fmt: skip
    return played(order(folder, prompt=prompt, cast=members), model)


def test_a_model_with_references_is_given_cut_outs_on_white_and_the_name(tmp_path: Path) -> None:
    made = filmed(tmp_path, REFERENCES, cast(tmp_path))
    brief = made.model.seen[0]
    assert len(brief.references) == 2
    first = brief.references[0]
    assert (first[0] == 255).all()
    middle = first[first.shape[0] // 2, first.shape[1] // 2]
    assert tuple(middle) == (200, 0, 0)
    assert first.shape[0] < 50  # its bounds, not the whole page
    assert brief.prompt.startswith("Henny Hen (a round hen) runs, then Henny Hen sleeps.")
    outcome, how = made.said["@Henny_Hen"]
    assert outcome == "approximated"
    assert "2 reference pictures" in how


def test_another_is_given_words(tmp_path: Path) -> None:
    made = filmed(tmp_path, WORDS, cast(tmp_path))
    assert made.model.seen[0].references == ()
    assert "Henny Hen (a round hen) runs, then Henny Hen sleeps" in made.model.seen[0].prompt
    assert "@" not in made.model.seen[0].prompt
    assert made.said["@Henny_Hen"] == (
        "approximated",
        "its description was written into the prompt: this model takes no reference pictures",
    )


def test_a_name_alone_is_no_character(tmp_path: Path) -> None:
    made = filmed(tmp_path, WORDS, cast(tmp_path, description=""))
    assert made.said["@Henny_Hen"][0] == "not_possible"
    assert "Henny Hen runs" in made.model.seen[0].prompt


def test_who_is_not_in_the_words_is_added_to_them(tmp_path: Path) -> None:
    made = filmed(tmp_path, WORDS, cast(tmp_path), prompt="a farm in the morning")
    assert made.model.seen[0].prompt == "A farm in the morning. With Henny Hen (a round hen)."


def test_every_character_gets_its_best_picture_before_any_gets_a_second(tmp_path: Path) -> None:
    members = cast(tmp_path, pictures=3) | {
        "Fox": CastMember("Fox", cutouts=(cutout(tmp_path, "fox", (0, 0, 200)),))
    }
    made = played(
        order(tmp_path, {picture(tmp_path, 1): Role.REFERENCE}, prompt="@Fox and @Henny_Hen", cast=members),
        REFERENCES,
    )  # fmt: skip
    colours = [tuple(one[one.shape[0] // 2, one.shape[1] // 2]) for one in made.model.seen[0].references[1:]]  # fmt: skip
    assert colours == [(200, 0, 0), (0, 0, 200)]
    assert made.said["@Fox"][0] == "approximated"


def test_a_strength_that_no_form_has_is_said(tmp_path: Path) -> None:
    members = {"Fox": CastMember("Fox", description="red", strength=0.5)}
    made = played(order(tmp_path, prompt="@Fox", cast=members), WORDS)
    assert made.said["@Fox strength 0.5"][0] == "not_possible"
