"""Several films of one request that came out as one file are told of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from mutoscope.dialects.shared.takes import alike
from mutoscope.shot import Media


def film(content: str) -> Any:
    return SimpleNamespace(
        result=SimpleNamespace(media={"video": Media(content * 64, "video/mp4", 9)})
    )


def test_films_of_one_file_are_alike() -> None:
    (said,) = alike([film("a"), film("a")], "sampleCount")
    assert (said.code, said.field) == ("variants_alike", "sampleCount")


def test_films_that_differ_and_a_single_one_are_not() -> None:
    assert alike([film("a"), film("b")], "n") == ()
    assert alike([film("a")], "n") == ()
    assert alike([], "n") == ()
