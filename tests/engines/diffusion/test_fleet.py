"""Devices, each with a process: who films what, what waits, what dies alone."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engines.diffusion import fleet_work as works
from mutoscope.catalog import load
from mutoscope.config import Gpu
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.diffusion.fleet import Fleet
from mutoscope.engines.diffusion.sharing import let_go, shared_fleet
from mutoscope.engines.diffusion.worker.work import Wanted
from mutoscope.errors import Cancelled, EngineFailed
from mutoscope.shot import Shot

pytestmark = pytest.mark.slow

LONG = 20.0  # seconds after which a wait has failed
TWO = Gpu(devices=("cpu", "cpu"))


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(TWO, tmp_path / "scratch")
    yield made
    made.close()


@pytest.fixture
def order(tmp_path: Path) -> Callable[[str], Order]:
    def made(name: str) -> Order:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return Order(shot=Shot(), direction=Direction(seconds=4.0), folder=folder)

    return made


def wanted(model: str = "a") -> Wanted:
    checkpoint = load.contract("wan2.2-ti2v-5b", "diffusion").checkpoint
    assert checkpoint is not None
    return Wanted(
        engine=model, model=model, folder=Path("/models") / model, checkpoint=checkpoint, settings=TWO
    )  # fmt: skip


Orders = Callable[[str], Order]


def notes(fleet: Fleet, name: str) -> tuple[str, ...]:
    footage: Footage = fleet.result(name)
    return footage.notes


def test_two_devices_film_two_orders_at_once(fleet: Fleet, order: Orders) -> None:
    first, second = (fleet.film(works.held, order(name), wanted(name)) for name in "ab")
    eventually(lambda: fleet.progress(first)[0] == fleet.progress(second)[0] == "held")
    assert {fleet.device(first), fleet.device(second)} == {"cpu:0", "cpu:1"}
    for name in "ab":
        (order(name).folder / "go").touch()
    assert {notes(fleet, one)[0] for one in (first, second)} == {"cpu:0", "cpu:1"}


def test_a_device_films_one_order_at_a_time_in_the_order_of_their_coming(
    fleet: Fleet, order: Orders
) -> None:
    running = [fleet.film(works.held, order(name), wanted(name)) for name in "ab"]
    waiting = [fleet.film(works.held, order(name), wanted(name)) for name in "cd"]
    eventually(lambda: all(fleet.progress(one)[0] == "held" for one in running))
    assert [fleet.progress(one) for one in waiting] == [("", 0.0)] * 2
    assert fleet.device(waiting[0]) == ""
    (order("b").folder / "go").touch()  # whichever device is free takes the first that waits
    eventually(lambda: fleet.progress(waiting[0])[0] == "held")
    assert fleet.progress(waiting[1]) == ("", 0.0)
    assert fleet.device(waiting[0]) == fleet.device(running[1])
    for name in "acd":
        (order(name).folder / "go").touch()
    for one in (*running, *waiting):
        fleet.result(one)


def test_a_device_that_has_the_model_films_it_again(fleet: Fleet, order: Orders) -> None:
    first, second = (fleet.film(works.held, order(name), wanted(name)) for name in "ab")
    for name in "ab":
        (order(name).folder / "go").touch()
    at = {"a": notes(fleet, first), "b": notes(fleet, second)}
    for name in ("b", "a", "a", "b"):
        assert notes(fleet, fleet.film(works.shown, order(name), wanted(name)))[:2] == at[name][:2]


def test_a_large_model_goes_only_to_the_devices_that_it_fits(fleet: Fleet, order: Orders) -> None:
    for _ in range(3):
        name = fleet.film(works.shown, order("a"), wanted(), {"cpu:1": 0})
        assert notes(fleet, name)[0] == "cpu:1"
    held = fleet.film(works.held, order("b"), wanted(), {"cpu:1": 0})
    waits = fleet.film(works.shown, order("c"), wanted(), {"cpu:1": 0})
    passes = fleet.film(works.shown, order("d"), wanted(), None)
    assert notes(fleet, passes)[0] == "cpu:0"  # it does not wait behind one that cannot go there
    assert fleet.progress(waits) == ("", 0.0)
    (order("b").folder / "go").touch()
    fleet.result(held)
    assert notes(fleet, waits)[0] == "cpu:1"


def test_of_free_devices_the_fastest_films(fleet: Fleet, order: Orders) -> None:
    ranks = {"cpu:0": 3, "cpu:1": 0}
    assert notes(fleet, fleet.film(works.shown, order("a"), wanted(), {"cpu:0": 0}))[0] == "cpu:0"
    assert notes(fleet, fleet.film(works.shown, order("a"), wanted(), ranks))[0] == "cpu:1"
    held = fleet.film(works.held, order("b"), wanted(), ranks)
    assert notes(fleet, fleet.film(works.shown, order("a"), wanted(), ranks))[0] == "cpu:0"
    (order("b").folder / "go").touch()
    assert notes(fleet, held)[0] == "cpu:1"


@pytest.mark.parametrize("work", [works.killed, works.crashed])
def test_a_device_that_dies_fails_its_one_film_and_is_started_again(
    fleet: Fleet, order: Orders, work: Callable[..., Footage]
) -> None:
    other = fleet.film(works.held, order("b"), wanted("b"))
    dies = fleet.film(work, order("a"), wanted())
    after = fleet.film(works.shown, order("c"), wanted("c"))
    with pytest.raises(EngineFailed, match=r"the process of the film on cpu:\d (was killed|ended)") as caught:  # fmt: skip
        fleet.result(dies)
    assert caught.value.code == "worker_died"
    assert notes(fleet, after)[0].startswith("cpu:")
    assert not fleet.ended(other)
    (order("b").folder / "go").touch()
    assert notes(fleet, other)


def test_a_process_killed_while_it_waits_costs_nobody_a_film(fleet: Fleet, order: Orders) -> None:
    pid = int(notes(fleet, fleet.film(works.shown, order("a"), wanted()))[1])
    os.kill(pid, signal.SIGKILL)
    assert int(notes(fleet, fleet.film(works.shown, order("a"), wanted()))[1]) != pid


def test_what_waits_is_cancelled_at_once_and_what_runs_keeps_its_process(
    fleet: Fleet, order: Orders
) -> None:
    running = [fleet.film(works.held, order(name), wanted(name)) for name in "ab"]
    waits = fleet.film(works.shown, order("c"), wanted("c"))
    told = threading.Event()
    fleet.when_ended(waits, told.set)
    fleet.cancel(waits)
    assert told.wait(LONG)
    with pytest.raises(Cancelled):
        fleet.result(waits)
    eventually(lambda: all(fleet.progress(one)[0] == "held" for one in running))
    pids = fleet.pids
    fleet.cancel(running[0])
    with pytest.raises(Cancelled, match="next step"):
        fleet.result(running[0])
    fleet.cancel(running[0])  # not known any more: nothing happens
    assert notes(fleet, fleet.film(works.shown, order("a"), wanted("a")))
    assert fleet.pids == pids
    (order("b").folder / "go").touch()
    fleet.result(running[1])


def test_a_device_sees_no_other_and_neither_the_network_nor_our_secrets(
    fleet: Fleet, order: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    said = notes(fleet, fleet.film(works.shown, order("a"), wanted()))
    assert "CUDA_VISIBLE_DEVICES=" in said  # empty: no GPU
    assert "HF_HUB_OFFLINE=1" in said
    assert "HF_TOKEN=None" in said
    threads = int(next(one for one in said if one.startswith("OMP")).partition("=")[2])
    assert threads == max(1, len(os.sched_getaffinity(0)) // 2)


def test_an_idle_device_gives_its_memory_back(tmp_path: Path, order: Orders) -> None:
    fleet = Fleet(replace_settings(idle_seconds=0.1), tmp_path / "scratch")
    try:
        assert fleet.pids == {"cpu": ()}  # nothing is started before there is an order
        pid = int(notes(fleet, fleet.film(works.shown, order("a"), wanted()))[1])
        eventually(lambda: fleet.pids == {"cpu": ()})
        assert int(notes(fleet, fleet.film(works.shown, order("a"), wanted()))[1]) != pid
    finally:
        fleet.close()


def test_a_film_that_takes_too_long_names_the_setting(tmp_path: Path, order: Orders) -> None:
    fleet = Fleet(replace_settings(job_seconds=0.5), tmp_path / "scratch")
    try:
        with pytest.raises(EngineFailed, match=r"\(gpu\.job_seconds\)"):
            fleet.result(fleet.film(works.held, order("a"), wanted()))
    finally:
        fleet.close()


def test_closing_ends_what_runs_and_what_waits(fleet: Fleet, order: Orders) -> None:
    names = [fleet.film(works.held, order(name), wanted(name)) for name in "abc"]
    eventually(lambda: fleet.progress(names[0])[0] == fleet.progress(names[1])[0] == "held")
    fleet.close()
    fleet.close()
    for name in names:
        assert isinstance(fleet.error(name), Cancelled)
    with pytest.raises(EngineFailed, match="closing"):
        fleet.film(works.shown, order("a"), wanted())
    eventually(lambda: not any(fleet.pids.values()))


def test_engines_share_one_fleet_until_the_last_lets_go() -> None:
    first, second = object(), object()
    settings = replace_settings(job_seconds=1234.0)
    fleet = shared_fleet(settings, first)
    assert shared_fleet(settings, second) is fleet
    closed = []
    for holder in (first, second):
        let_go(fleet, holder)
        closed.append(fleet.closed)
    assert closed == [False, True]
    again = shared_fleet(settings, first)
    assert again is not fleet
    let_go(again, first)


def replace_settings(**changed: float) -> Gpu:
    values = {"idle_seconds": TWO.idle_seconds, "job_seconds": TWO.job_seconds} | changed
    return Gpu(devices=("cpu",), **values)  # type: ignore[arg-type]


def test_what_cannot_be_sent_fails_alone(fleet: Fleet, order: Orders) -> None:
    lock = replace(order("a"), key=threading.Lock())  # type: ignore[arg-type]
    name = fleet.film(works.shown, lock, wanted())
    with pytest.raises(TypeError, match="cannot be sent"):
        fleet.result(name)
    assert notes(fleet, fleet.film(works.shown, order("a"), wanted()))
