"""What goes wrong in a worker process, as the caller hears it."""

from __future__ import annotations

import errno
import os
import pickle
import signal

import pytest

from mutoscope.compute.failures import crossing, died, out_of_time
from mutoscope.compute.messages import Incoming, Seldom, send
from mutoscope.errors import BadImage, Cancelled, EngineFailed, MutoscopeError, NotAccepted


def wrapped(cause: Exception) -> Exception:
    """A BadImage that hides what it came from."""
    try:
        try:
            raise cause
        except Exception:
            raise BadImage("the picture is damaged") from None
    except BadImage as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("OpenCV(5.0) error: (-4:Insufficient memory) Failed to allocate 9 bytes"),
        wrapped(RuntimeError("unable to call jpegload: out of memory")),
    ],
)
def test_memory_that_ran_out_is_told_as_that(error: Exception) -> None:
    told = crossing(error, 1 << 30, "probe")
    assert isinstance(told, EngineFailed)
    assert told.code == "out_of_memory"
    assert str(told) == (
        "the probe ran out of memory, the limit is 1 GiB (compute.probe_memory); "
        "ask for a smaller size"
    )


def test_a_damaged_picture_is_no_lack_of_memory() -> None:
    error = wrapped(ValueError("premature end of file"))
    assert crossing(error, 1 << 30, "probe") is error


def test_errors_keep_everything_on_their_way() -> None:
    refused = NotAccepted("no", code="full", hint="later", field="size")
    refused.retry_after = 3.0
    there = pickle.loads(pickle.dumps(crossing(refused, 0, "render")))
    assert type(there) is NotAccepted
    assert vars(there) == vars(refused)


def test_an_error_that_cannot_cross_becomes_one_that_can() -> None:
    class Inner(MutoscopeError):
        code = "inner"

    told = crossing(Inner("said"), 0, "render")
    assert (type(told), str(told)) == (EngineFailed, "said")
    assert isinstance(told, MutoscopeError)
    assert told.code == "inner"
    assert isinstance(crossing(Cancelled("stopped"), 0, "render"), Cancelled)


@pytest.mark.parametrize(
    ("status", "peak", "said", "code"),
    [
        (-signal.SIGKILL, 0, "killed from outside", "worker_died"),
        (-signal.SIGKILL, 900, "ran out of memory", "out_of_memory"),
        (-signal.SIGABRT, 900, "ran out of memory", "out_of_memory"),
        (-signal.SIGABRT, 0, "ended by SIGABRT", "worker_died"),
        (-50, 0, "ended by signal 50", "worker_died"),
        (1, 0, "ended with exit status 1", "worker_died"),
    ],
)
def test_how_a_process_died(status: int, peak: int, said: str, code: str) -> None:
    told = died(status, 1000, peak, "render")
    assert said in str(told)
    assert told.code == code


def test_the_time_limit_names_its_setting() -> None:
    assert "20 seconds, the limit (compute.probe_seconds)" in str(out_of_time(20, "probe"))


def test_messages_come_whole_however_they_are_cut() -> None:
    read, write = os.pipe()
    incoming = Incoming(read)
    send(write, ("progress", "a" * 10, "render", 0.5))
    send(write, ("ready",))
    everything = os.read(read, 1 << 16)
    got: list[tuple[object, ...]] = []
    for byte in everything:
        os.write(write, bytes([byte]))
        got += incoming.read() or []
    assert got == [("progress", "a" * 10, "render", 0.5), ("ready",)]
    os.close(write)
    assert incoming.read() is None
    os.close(read)


def test_a_reader_that_takes_nothing_is_not_waited_for_for_ever() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with pytest.raises(TimeoutError, match="took nothing"):
        send(write, ("work", b"x" * 10_000_000), wait=0.01)
    os.close(read)
    with pytest.raises(BrokenPipeError):
        send(write, ("ready",))
    os.close(write)


def test_progress_is_told_seldom_but_every_stage_is() -> None:
    seldom = Seldom(pause=3600)
    told = [seldom.due(stage) for stage in ("scene", "scene", "render", "render", "scene")]
    assert told == [True, False, True, False, True]
