"""A server under load that is killed, halted and stopped over and over; nothing may be lost or paid twice.

    python tests/soak.py [SECONDS] [--postgres]

Clients create films here and at three stand-in vendors (one that knows repeated orders, one whose list
shows them, one of which nothing can be learned), take some back, and go on when the line breaks. Every
few seconds a server is killed, halted or stopped and started again, or a vendor misbehaves. With
--postgres two servers share one database. In the end every film that was accepted must be there, or have
failed with a reason that is not the server's own, and no vendor may have made one twice.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from databases import Postgres
from serving import Serving
from vendor_process import VendorProcess

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
#: account → the stand-in's manner, which is also the quirks
VENDORS = {"sure": "mutoscope", "marked": "marked", "blind": "relay"}
FAULTS = ("500", "429", "drop-after", "drop-before", "broken-json", "taken-500", "hang-after")
OPEN = 24  # films under way at a time
PATIENCE = 240.0  # seconds for what is under way at the end
#: What a film may fail of: the vendors' own faults. A fault of the server's is none of these.
FAIR = {"engine_refused", "engine_failed", "generation_failed", "lost", "unconfirmed"}


@dataclass
class Film:
    engine: str
    prompt: str
    deleted: bool = False


@dataclass
class Soak:
    """What the threads share."""

    data: Path
    config: Path
    vendors: dict[str, VendorProcess]
    servers: list[Serving] = field(default_factory=list)
    films: dict[str, Film] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    done: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> Serving:
        return Serving(self.data, "--config", str(self.config))

    def ask(
        self, method: str, path: str, body: Any = None, key: str = "", patience: float = 90.0
    ) -> tuple[int, bytes]:
        """A request that is repeated while no server answers, as a careful client would."""
        end = time.monotonic() + patience
        headers = {"content-type": "application/json"} if body is not None else {}
        headers |= {"idempotency-key": key} if key else {}
        content = None if body is None else json.dumps(body).encode()
        while True:
            url = random.choice(self.servers).url + path
            request = urllib.request.Request(url, content, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in (429, 503):
                        return error.code, error.read()
            except (OSError, HTTPException, ValueError):
                pass
            if time.monotonic() > end:
                raise TimeoutError(f"{method} {path} was not answered for {patience:g} seconds")
            time.sleep(0.3)


def client(soak: Soak, picture: str) -> None:
    """Create films as long as it goes, and take some back."""
    while not soak.over.is_set():
        if len(soak.films) - soak.done["ended"] >= OPEN:
            time.sleep(0.2)
            continue
        engine = random.choice(["flipbook", *VENDORS])
        prompt = f"slow push in, take {uuid.uuid4().hex[:12]}"
        asked = {
            "model": engine, "prompt": prompt, "seconds": "1", "size": "128x96", "fps": 12,
            "input_reference": {"image_url": picture},
        }  # fmt: skip
        status, said = soak.ask("POST", "/v1/videos", asked, key=uuid.uuid4().hex)
        assert status == 200, said
        name = json.loads(said)["id"]
        with soak.lock:
            soak.films[name] = Film(engine, prompt)
        if random.random() < 0.08:
            time.sleep(random.random() * 3)
            status, said = soak.ask("DELETE", f"/v1/videos/{name}")
            assert status in (200, 404), said
            soak.films[name].deleted = True
        time.sleep(random.random() * 0.5)


def watcher(soak: Soak) -> None:
    """Count what has ended, so that clients keep a number of films under way."""
    while not soak.over.is_set():
        ended = 0
        for name, film in list(soak.films.items()):
            ended += film.deleted or state(soak, name)[0] in ("completed", "failed", "gone")
        soak.done["ended"] = ended
        time.sleep(1.0)


def state(soak: Soak, name: str) -> tuple[str, dict[str, Any]]:
    """A film's status and object; "gone" where there is none."""
    status, said = soak.ask("GET", f"/v1/videos/{name}")
    if status == 404:
        return "gone", {}
    assert status == 200, said
    video = json.loads(said)
    return video["status"], video


def trouble(soak: Soak) -> None:
    """One thing that goes wrong."""
    place = random.randrange(len(soak.servers))
    server = soak.servers[place]
    what = random.choice(["kill", "kill", "halt", "stop", "vendor", "vendor"])
    soak.done[what] += 1
    if what == "kill":
        server.kill()
        time.sleep(random.random() * 2)
        soak.servers[place] = soak.start()
    elif what == "stop":
        server.stop()
        soak.servers[place] = soak.start()
    elif what == "halt":
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(random.uniform(1.0, 6.0))
        server.process.send_signal(signal.SIGCONT)
    else:
        vendor = random.choice(list(soak.vendors.values()))
        kind = random.choice(["create", "create", "poll", "content"])
        faults = FAULTS if kind == "create" else ("500", "drop", "429" if kind == "poll" else "404")
        vendor.control(**{kind: random.choices(faults, k=3)})


def judged(soak: Soak) -> list[str]:
    """Everything that a promise was broken by."""
    end = time.monotonic() + PATIENCE
    wrong: list[str] = []
    left = {name for name, film in soak.films.items() if not film.deleted}
    for vendor in soak.vendors.values():
        vendor.control(create=[], poll=[], content=[])
    while left and time.monotonic() < end:
        for name in sorted(left):
            status, video = state(soak, name)
            film = soak.films[name]
            if status == "gone":
                wrong.append(f"{name} ({film.engine}) was lost")
            elif status == "completed":
                code, film_bytes = soak.ask("GET", f"/v1/videos/{name}/content")
                if code != 200 or film_bytes[4:8] != b"ftyp":
                    wrong.append(f"{name} ({film.engine}) is completed, its content is not: {code}")
            elif status == "failed":
                if (video["error"] or {}).get("code") not in FAIR:
                    wrong.append(f"{name} ({film.engine}) failed: {video['error']}")
            else:
                continue
            soak.done[f"{film.engine} {status}"] += 1
            left.discard(name)
        if (
            all(soak.films[name].engine == "blind" for name in left)
            and time.monotonic() > end - 200
        ):
            break
        time.sleep(1.0)
    unsure = {name for name in left if soak.films[name].engine == "blind"}
    soak.done["unconfirmed"] = len(unsure)
    wrong += [f"{name} ({soak.films[name].engine}) never ended" for name in left - unsure]
    prompts = {film.prompt: film for film in soak.films.values()}
    for account, vendor in soak.vendors.items():
        for prompt, times in vendor.seen()["prompts"].items():
            soak.done[f"{account} paid"] += times
            if times > 1:
                wrong.append(f"{account} made {prompts[prompt]} {times} times")
    return wrong


def settings(vendors: dict[str, VendorProcess], database: str) -> str:
    """The servers' settings: everything quick, so that much goes wrong in a short time."""
    lines = [
        f'[server]\ndatabase = "{database}"\nlog = "json"\nshutdown_seconds = 3.0',
        "[jobs]\nlease = 3.0\npoll_first = 0.5\npoll_last = 2.0",
        "[fetch]\nallow_private = true",
    ]
    lines += [
        f'[engines.{name}]\nkind = "openai_videos"\nbase_url = "{vendor.base_url}"\n'
        f'api_key = "sk"\nquirks = "{VENDORS[name]}"\ntimeout = 4.0'
        for name, vendor in vendors.items()
    ]
    return "\n\n".join(lines)


def ended(soak: Soak) -> None:
    """No server is left."""
    for server in soak.servers:
        server.kill()


def main(seconds: float, shared: bool) -> int:
    """Soak, judge, print → the exit code."""
    import base64

    picture = f"data:image/jpeg;base64,{base64.b64encode(PHOTO.read_bytes()).decode()}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutoscope-soak-")))
        vendors = {
            name: stack.enter_context(VendorProcess(manner, takes=1.0))
            for name, manner in VENDORS.items()
        }
        database = ""
        if shared:
            postgres = Postgres()
            stack.callback(postgres.close)
            database = postgres.fresh()
        config = folder / "mutoscope.toml"
        config.write_text(settings(vendors, database))
        soak = Soak(folder / "data", config, vendors)
        stack.callback(ended, soak)
        soak.servers += [soak.start() for _ in range(2 if shared else 1)]
        threads = [threading.Thread(target=client, args=(soak, picture)) for _ in range(4)]
        threads.append(threading.Thread(target=watcher, args=(soak,)))
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and all(thread.is_alive() for thread in threads):
            time.sleep(random.uniform(2.0, 10.0))
            trouble(soak)
        died = not all(thread.is_alive() for thread in threads)
        soak.over.set()
        for thread in threads:
            thread.join()
        wrong = judged(soak) + (["a client gave up: see above"] if died else [])
        left = list((soak.data / "work" / "jobs").glob("*"))
        wrong += [f"left behind: {one.name}" for one in left]
    summary = ", ".join(f"{what} {count}" for what, count in sorted(soak.done.items()))
    sys.stdout.write(f"{len(soak.films)} films in {seconds:.0f} s: {summary}\n")
    for line in wrong:
        sys.stdout.write(f"WRONG: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if not one.startswith("-")]
    raise SystemExit(main(float(arguments[0]) if arguments else 600.0, "--postgres" in sys.argv))
