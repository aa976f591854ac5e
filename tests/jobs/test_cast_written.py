"""What the stage `cast` leaves in a job is read again, by this release and as the first one wrote it."""

from __future__ import annotations

import msgspec

from mutoscope.jobs.stages.cast import Written, written
from mutoscope.shot import Media

CUTOUT = Media("a" * 64, "image/png", 3)


def test_it_is_read_as_it_was_written() -> None:
    one = Written(id="char_1", name="Mossy", description="a fern", cutouts=(CUTOUT,), strength=0.5)
    assert written({"cast": msgspec.to_builtins({"Mossy": one})}) == {"Mossy": one}
    assert written({}) == {}


def test_a_job_that_the_first_release_began_is_gone_on_with() -> None:
    work = {"characters": {"Mossy": "char_1"}, "cast": msgspec.to_builtins({"Mossy": (CUTOUT,)})}
    assert written(work) == {"Mossy": Written(id="char_1", name="Mossy", cutouts=(CUTOUT,))}
