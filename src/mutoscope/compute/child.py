"""A worker process: ``python -m mutoscope.compute.child TASKS TOLD PARENT OPTIONS``.

It is a fresh interpreter that holds two pipes and nothing else of the process that started it. One
thread listens (work, cancel, the end of the pipe), the main thread works. It ends with its parent:
by the system's signal where there is one, and at the end of the pipe.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
import pickle
import queue
import resource
import signal
import sys
import threading
import traceback
from dataclasses import dataclass, field
from typing import Any

from mutoscope.compute.failures import crossing, goes_on
from mutoscope.compute.messages import Incoming, Seldom, send

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Options:
    """`name` is for messages; `memory` in bytes, 0 for no limit; `warm` are modules to import first."""

    name: str = "work"
    memory: int = 0
    nice: int = 0
    warm: tuple[str, ...] = ()


@dataclass
class _Desk:
    """Between the thread that listens and the one that works."""

    work: queue.SimpleQueue[tuple[str, bytes]] = field(default_factory=queue.SimpleQueue)
    lock: threading.Lock = field(default_factory=threading.Lock)
    at: str = ""  # the name of the work in hand
    stop: threading.Event = field(default_factory=threading.Event)


def main(argv: list[str]) -> None:
    tasks, told, parent = int(argv[0]), int(argv[1]), int(argv[2])
    options = Options(**json.loads(argv[3]))
    _settle(options, parent)
    for pipe in (tasks, told):
        os.set_inheritable(pipe, False)
    desk = _Desk()
    threading.Thread(target=_listen, args=(tasks, desk), name="listen", daemon=True).start()
    for module in options.warm:
        with contextlib.suppress(Exception):  # it fails again, and is told, where it is used
            importlib.import_module(module)
    send(told, ("ready",))
    while True:
        name, payload = desk.work.get()
        if not _work(desk, told, name, payload, options):
            os._exit(0)  # after memory ran out, a fresh process is better than this one


def _settle(options: Options, parent: int) -> None:
    """Be a good neighbour: low priority, first to go when memory is short, bounded, tied to the parent."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be tied
        os._exit(0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the parent says when to end
    faulthandler.enable()
    with contextlib.suppress(OSError):
        os.nice(options.nice)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.memory:
        # What is written to counts, not what is mapped: libraries map far more than they use.
        resource.setrlimit(resource.RLIMIT_DATA, (options.memory, options.memory))


def _listen(tasks: int, desk: _Desk) -> None:
    incoming = Incoming(tasks)
    while (messages := incoming.read()) is not None:
        for message in messages:
            with desk.lock:
                if message[0] == "work":
                    desk.at = message[1]
                    desk.stop.clear()
                    desk.work.put((message[1], message[2]))
                elif desk.at == message[1]:
                    desk.stop.set()
    os._exit(0)


def _work(desk: _Desk, told: int, name: str, payload: bytes, options: Options) -> bool:
    """Do one piece of work and tell what it came to; whether this process can go on."""
    send(told, ("taken", name))
    progress = _Telling(told, name)
    answer: tuple[Any, ...]
    try:
        work, arguments = pickle.loads(payload)
        result = work(*arguments, progress, desk.stop.is_set)
        well = True
        answer = ("done", name, pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
    except BaseException as error:
        crossed = crossing(error, options.memory, options.name)
        trace = "" if crossed is error else "".join(traceback.format_exception(error))
        well = goes_on(error, crossed)
        answer = ("failed", name, pickle.dumps(crossed), trace, well)
    with desk.lock:
        desk.at = ""
    with progress.lock:  # nothing that the work left running speaks in between
        send(told, answer)
    return well


class _Telling:
    """The work's Progress: passed on, but not at every word. See `base.expect`."""

    def __init__(self, told: int, name: str) -> None:
        self.lock = threading.Lock()
        self._told, self._name, self._seldom = told, name, Seldom()
        self._left: float | None = None

    def __call__(self, stage: str, fraction: float) -> None:
        with self.lock:
            if self._seldom.due(stage):
                send(self._told, ("progress", self._name, stage, float(fraction), self._left))

    def expect(self, left: float | None) -> None:
        self._left = left


if __name__ == "__main__":
    main(sys.argv[1:])
