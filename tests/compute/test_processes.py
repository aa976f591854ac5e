"""Work in processes beside this one: what comes back, what is stopped, what dies alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pool_work as works
import pytest

from mutoscope.compute.awaited import awaited, called
from mutoscope.compute.processes import Processes
from mutoscope.compute.scratch import Scratch, sweep
from mutoscope.errors import BadShot, Cancelled, EngineFailed

pytestmark = pytest.mark.slow

LONG = 20.0  # seconds after which a wait has failed


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(1, scratch=tmp_path_factory.mktemp("work")) as processes:
        yield processes


def test_the_result_comes_back_and_is_forgotten(pool: Processes) -> None:
    name = pool.submit(works.add, 3, 4)
    assert pool.result(name) == 7
    assert not pool.known(name)


def test_a_worker_is_kept_and_works_in_the_order_of_submission(pool: Processes) -> None:
    names = [pool.submit(works.whoami) for _ in range(3)]
    seen = [pool.result(name) for name in names]
    assert len({pid for pid, *_ in seen}) == 1


def test_a_worker_stands_apart(pool: Processes) -> None:
    pid, nice, session, scratch = pool.result(pool.submit(works.whoami))
    assert pid != os.getpid()
    assert nice >= 10
    assert session == pid
    assert "mutoscope-work-" in scratch


def test_a_worker_has_neither_our_sockets_nor_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELAY_API_KEY", "sk-secret")
    monkeypatch.setenv("HARMLESS", "yes")
    with socket.create_server(("127.0.0.1", 0)) as server, Processes(1, scratch=tmp_path) as pool:
        os.set_inheritable(server.fileno(), True)
        files = pool.result(pool.submit(works.open_files))
        there = pool.result(pool.submit(works.variables))
    assert not [one for one in files if one.startswith("socket:")]
    assert len([one for one in files if one.startswith("pipe:")]) == 2
    assert "RELAY_API_KEY" not in there
    assert there["HARMLESS"] == "yes"


def test_our_own_errors_cross_as_they_are(pool: Processes) -> None:
    name = pool.submit(works.refuse)
    with pytest.raises(BadShot) as caught:
        pool.result(name)
    error = caught.value
    assert (error.message, error.field, error.hint, error.code) == (
        "the size is odd", "size", "make it even", "odd_size")  # fmt: skip


def test_other_errors_become_engine_failed(
    pool: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    name = pool.submit(works.unexpected)
    with pytest.raises(EngineFailed, match="the render failed: ValueError: no such thing"):
        pool.result(name)
    assert "in unexpected" in caplog.text  # where it was, for whoever runs the server


def test_an_os_error_stays_one(pool: Processes) -> None:
    name = pool.submit(works.unwritable, "/nowhere/film.mp4")
    with pytest.raises(FileNotFoundError) as caught:
        pool.result(name)
    assert caught.value.filename == "/nowhere/film.mp4"


def test_large_results_come_whole(pool: Processes) -> None:
    assert len(pool.result(pool.submit(works.large, 5_000_000))) == 5_000_000


def test_much_talk_is_thinned_out_and_the_end_is_told(pool: Processes) -> None:
    name = pool.submit(works.chatter, 200_000)
    assert pool.result(name) == 200_000


def test_what_cannot_be_sent_is_refused_at_once(pool: Processes) -> None:
    with pytest.raises(TypeError, match="top of a module"):
        pool.submit(lambda progress, cancel: 7)
    with pytest.raises(TypeError, match="cannot be sent"):
        pool.submit(works.add, threading.Lock(), 1)


def test_progress_is_seen_and_cancel_is_heard(pool: Processes) -> None:
    name = pool.submit(works.until_cancelled)
    eventually(lambda: pool.progress(name) == ("waiting", 0.25))
    assert not pool.ended(name)
    pool.cancel(name)
    with pytest.raises(Cancelled, match="next frame"):
        pool.result(name)


def test_what_waits_has_no_stage_and_is_cancelled_at_once(pool: Processes) -> None:
    first = pool.submit(works.until_cancelled)
    second = pool.submit(works.add, 1, 1)
    assert pool.progress(second) == ("", 0.0)
    pool.cancel(second)
    assert isinstance(pool.error(second), Cancelled)
    pool.cancel(first)
    with pytest.raises(Cancelled):
        pool.result(first)
    with pytest.raises(Cancelled):
        pool.result(second)
    pool.cancel(second)  # not known any more: nothing happens


def test_work_that_does_not_listen_is_killed_within_a_second_with_all_it_left(
    pool: Processes, tmp_path: Path
) -> None:
    name = pool.submit(works.deaf, str(tmp_path / "note"))
    eventually(lambda: pool.progress(name)[0] == "deaf")
    pid, child, left = (tmp_path / "note").read_text().split()
    begin = time.monotonic()
    pool.cancel(name)
    assert pool.ended(name, wait=LONG)
    assert time.monotonic() - begin < 1.5  # .7 s and what a busy machine adds
    assert isinstance(pool.error(name), Cancelled)
    assert not alive(int(pid))
    eventually(lambda: not alive(int(child)))
    assert not Path(left).exists()
    assert pool.result(pool.submit(works.add, 1, 2)) == 3


@pytest.mark.parametrize(
    ("work", "argument", "said"),
    [
        (works.die, signal.SIGKILL, "killed from outside, most likely by the system"),
        (works.die, signal.SIGSEGV, "ended by SIGSEGV, in the middle of the work"),
        (works.leave, 3, "ended with exit status 3"),
    ],
)
def test_a_worker_that_dies_fails_its_own_work_alone(
    pool: Processes, work: Callable[..., None], argument: int, said: str
) -> None:
    name, after = pool.submit(work, argument), pool.submit(works.add, 2, 2)
    with pytest.raises(EngineFailed, match=said) as caught:
        pool.result(name)
    assert caught.value.code == "worker_died"
    assert pool.result(after) == 4


def test_a_worker_that_dies_while_it_waits_is_replaced(pool: Processes) -> None:
    pid = pool.result(pool.submit(works.whoami))[0]
    os.kill(pid, signal.SIGKILL)
    other = pool.result(pool.submit(works.whoami))[0]
    assert other != pid


def test_the_memory_limit_is_a_clear_failure_and_the_next_work_runs(tmp_path: Path) -> None:
    with Processes(1, memory=300 << 20, scratch=tmp_path, name="probe") as pool:
        name, after = pool.submit(works.hoard, 1 << 30), pool.submit(works.hoard, 10 << 20)
        with pytest.raises(EngineFailed, match=r"0\.293 GiB \(compute.probe_memory\)") as caught:
            pool.result(name)
        assert caught.value.code == "out_of_memory"
        assert pool.result(after) == 10 << 20


def test_the_time_limit_is_a_clear_failure_and_the_next_work_runs(tmp_path: Path) -> None:
    with Processes(1, seconds=0.3, scratch=tmp_path) as pool:
        name, after = pool.submit(works.until_cancelled), pool.submit(works.add, 1, 5)
        with pytest.raises(EngineFailed, match=r"longer than 0\.3 seconds") as caught:
            pool.result(name)
        assert caught.value.code == "out_of_time"
        assert pool.result(after) == 6


def test_the_limit_is_named_by_its_own_setting(tmp_path: Path) -> None:
    pool = Processes(1, seconds=0.3, scratch=tmp_path, name="film", setting="gpu.job_seconds")
    with pool, pytest.raises(EngineFailed, match=r"the film .*\(gpu\.job_seconds\)"):
        pool.result(pool.submit(works.until_cancelled))


def test_what_is_expected_is_told_and_grows_less(pool: Processes) -> None:
    name = pool.submit(works.expecting, 1000.0)
    eventually(lambda: pool.left(name) is not None)
    first = pool.left(name)
    assert first is not None
    assert 900 < first <= 1000
    eventually(lambda: (pool.left(name) or 1000.0) < first)
    pool.cancel(name)
    with pytest.raises(Cancelled):
        pool.result(name)


def test_work_with_a_long_grace_keeps_its_process(tmp_path: Path) -> None:
    with Processes(1, scratch=tmp_path, grace=LONG) as pool:
        pid = pool.result(pool.submit(works.whoami))[0]
        name = pool.submit(works.slow_to_stop, 1.0)  # longer than the short grace
        eventually(lambda: pool.progress(name)[0] == "slow")
        pool.cancel(name)
        with pytest.raises(Cancelled, match="next step"):
            pool.result(name)
        assert pool.result(pool.submit(works.whoami))[0] == pid


def test_a_worker_that_gave_its_memory_back_stays_and_a_broken_device_does_not(
    pool: Processes,
) -> None:
    pid = pool.result(pool.submit(works.whoami))[0]
    for work, stays in ((works.short_of_memory, True), (works.broken_device, False)):
        with pytest.raises(EngineFailed):
            pool.result(pool.submit(work))
        assert (pool.result(pool.submit(works.whoami))[0] == pid) is stays


def test_a_worker_has_the_variables_that_it_is_given(tmp_path: Path) -> None:
    with Processes(1, scratch=tmp_path, variables={"HF_HUB_OFFLINE": "1"}) as pool:
        assert pool.result(pool.submit(works.variables))["HF_HUB_OFFLINE"] == "1"


def test_the_end_is_told_to_an_event_loop_without_polling(pool: Processes) -> None:
    async def main() -> tuple[int, int]:
        both = await asyncio.gather(
            awaited(pool, works.add, 20, 22), called(pool, works.plain_double, 4)
        )
        with pytest.raises(BadShot):
            await awaited(pool, works.refuse)
        return both[0], both[1]

    assert asyncio.run(main()) == (42, 8)


def test_whoever_stops_waiting_stops_the_work(pool: Processes) -> None:
    async def main() -> None:
        waiting = asyncio.create_task(awaited(pool, works.until_cancelled))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())
    assert pool.result(pool.submit(works.add, 1, 1)) == 2


def test_closing_ends_what_runs_and_what_waits(tmp_path: Path) -> None:
    pool = Processes(1, scratch=tmp_path)
    running, waiting = pool.submit(works.until_cancelled), pool.submit(works.add, 1, 1)
    eventually(lambda: pool.progress(running)[0] == "waiting")
    pool.close()
    pool.close()
    for name in (running, waiting):
        assert isinstance(pool.error(name), Cancelled)
    with pytest.raises(EngineFailed, match="closing"):
        pool.submit(works.add, 1, 1)
    assert not list(tmp_path.iterdir())


def test_idle_workers_go_and_come_again(tmp_path: Path) -> None:
    with Processes(1, scratch=tmp_path, idle_seconds=0.1) as pool:
        assert not list(tmp_path.glob("*/worker-*"))  # none is started before there is work
        pid = pool.result(pool.submit(works.whoami))[0]
        eventually(lambda: not alive(pid))
        assert pool.result(pool.submit(works.whoami))[0] != pid


def test_work_is_told_where_no_worker_can_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    monkeypatch.setattr("mutoscope.compute.staff._LEAST_PAUSE", 0.01)
    with Processes(1, scratch=tmp_path) as pool:
        name = pool.submit(works.add, 1, 1)
        with pytest.raises(EngineFailed, match=r"can be started: .*no-python"):
            pool.result(name)


PARENT = """
import sys, time, pathlib
sys.path.insert(0, {tests!r})
import pool_work as works
from mutoscope.compute.processes import Processes
pool = Processes(1, scratch=pathlib.Path({scratch!r}))
pool.submit(works.deaf, {note!r})
time.sleep(600)
"""


def test_workers_die_with_a_parent_that_is_killed_and_their_files_are_swept(tmp_path: Path) -> None:
    note, scratch = tmp_path / "note", tmp_path / "scratch"
    code = PARENT.format(
        tests=str(Path(__file__).parent), scratch=str(scratch), note=str(note)
    )  # fmt: skip
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        eventually(lambda: note.exists() and len(note.read_text().split()) == 3)
    finally:
        parent.kill()
        parent.wait()
    pid, child, left = note.read_text().split()
    eventually(lambda: not alive(int(pid)))
    os.kill(int(child), signal.SIGKILL)  # the work's own child is nobody's
    assert Path(left).exists()
    mine = Scratch(scratch)
    assert not Path(left).exists()
    assert sweep(scratch) == 0  # what is held stays
    mine.remove()
    assert not list(scratch.iterdir())
