"""Fetching: what is reached, what comes back, and what is refused."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import shutil
import ssl
import subprocess
import zlib
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

import httpcore
import pytest
from loopback import Names, Network, Place, Reply, http, serving

from mutoscope.config import Fetch, Limits
from mutoscope.errors import BadInput, MutoscopeError
from mutoscope.outside.addresses import Reach
from mutoscope.outside.dial import Pinned, SystemResolver, is_own
from mutoscope.outside.fetch import Fetcher, NotFetched
from mutoscope.outside.sink import STEP, Sink
from mutoscope.shot import Media
from mutoscope.storage.media import MediaStore, TooLarge

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(9000)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(9000)
SECRET = b"<html>internal: password=hunter2</html>" + bytes(9000)

Use = Callable[[Fetcher, Place, Network], Awaitable[None]]


def fetching(
    folder: Path,
    answers: dict[str, Reply],
    use: Use,
    *,
    names: Names | None = None,
    settings: Fetch | None = None,
    limits: Limits | None = None,
) -> None:
    """Run `use` with a fetcher for which every allowed address leads to a server with `answers`."""

    async def run() -> None:
        async with serving(answers) as place:
            network = Network(place.port)
            fetcher = Fetcher(
                settings or Fetch(seconds=5),
                MediaStore(folder),
                limits or Limits(),
                resolve=names or Names(a_example=["93.184.215.14"], b_example=["93.184.215.15"]),
                network=network,
                pause=0.01,
            )
            try:
                await use(fetcher, place, network)
            finally:
                fetcher.close()
        assert not list((folder / ".incoming").glob("*"))

    asyncio.run(run())


def refused(
    folder: Path,
    url: str,
    answers: dict[str, Reply] | None = None,
    *,
    match: str,
    kind: type[MutoscopeError] = BadInput,
    names: Names | None = None,
    settings: Fetch | None = None,
    limits: Limits | None = None,
    dialled: int = 0,
) -> MutoscopeError:
    """The refusal of `url`, after which nothing is in the store and so many connections were made."""
    caught: list[MutoscopeError] = []

    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        with pytest.raises(kind, match=match) as error:
            await fetcher.get(url)
        caught.append(error.value)
        assert len(network.dialled) == dialled

    fetching(folder, answers or {}, use, names=names, settings=settings, limits=limits)
    assert not [path for path in folder.rglob("*") if path.is_file()]
    message = caught[0].message
    assert "hunter2" not in message
    assert "\n" not in message
    return caught[0]


def test_an_image_is_fetched_into_the_store(tmp_path: Path) -> None:
    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        media = await fetcher.get("http://a.example/x.txt?size=1")
        assert media == Media(hashlib.sha256(JPEG).hexdigest(), "image/jpeg", len(JPEG))
        assert MediaStore(tmp_path).path(media).read_bytes() == JPEG
        assert network.dialled == [("93.184.215.14", 80)]
        head = place.asked[0]
        assert head.startswith("GET /x.txt?size=1 HTTP/1.1\r\n")
        assert "\r\nHost: a.example\r\n" in head
        for word in ("cookie", "authorization", "referer", "proxy"):
            assert word not in head.lower()

    fetching(tmp_path, {"/x.txt?size=1": http(JPEG, content_type="text/html")}, use)


def test_a_name_is_looked_up_once_and_dialled_where_it_was_checked(tmp_path: Path) -> None:
    class Rebinding(Names):
        async def __call__(self, host: str, port: int) -> list[str]:
            await super().__call__(host, port)
            return ["93.184.215.14"] if len(self.asked) == 1 else ["127.0.0.1"]

    names = Rebinding(a_example=[])

    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        await fetcher.get("http://a.example/x")
        assert names.asked == ["a.example"]
        assert network.dialled == [("93.184.215.14", 80)]
        with pytest.raises(BadInput, match="no address that may be reached"):
            await fetcher.get("http://a.example/x")
        assert len(network.dialled) == 1

    fetching(tmp_path, {"/x": http(JPEG)}, use, names=names)


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["10.0.0.5"], ["169.254.169.254"], ["::1"], ["::ffff:10.0.0.1"], ["fe80::1%2"],
     ["93.184.215.14", "10.0.0.5"], ["2606:4700::1111", "::1"], ["64:ff9b::7f00:1"], ["0.0.0.0"], []],
)  # fmt: skip
def test_a_name_with_any_address_that_is_shut_is_not_dialled(
    tmp_path: Path, found: list[str]
) -> None:
    names = Names(a_example=found)
    one = refused(tmp_path, "http://a.example/x", match="unknown, or has no address", names=names)
    other = refused(tmp_path, "http://b.example/x", match="unknown, or has no address", names=names)
    assert one.message == other.message.replace("b.example", "a.example")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
     "http://[::ffff:169.254.169.254]/", "http://10.1.2.3:8080/", "http://0.0.0.0/"],
)  # fmt: skip
def test_a_network_address_that_is_shut_is_not_dialled(tmp_path: Path, url: str) -> None:
    error = refused(tmp_path, url, match="network address, which is not reached from here")
    assert error.code == "address_refused"


@pytest.mark.parametrize(
    ("location", "match"),
    [
        ("http://127.0.0.1/secret", "leads to a loopback network address"),
        ("//169.254.169.254/", "leads to a link-local network address"),
        ("http://inner.example/secret", "host inner.example is unknown, or has no address"),
        ("file:///etc/passwd", r'leads on to begins with "file:"'),
        ("http://u:p@a.example/", "holds a user name or password"),
        ("http://0x7f.1/", "unusual way"),
        ("http://a.example:6379/", "names port 6379"),
        ("http://[::1", "cannot be read"),
    ],
)
def test_every_hop_is_checked(tmp_path: Path, location: str, match: str) -> None:
    answers: dict[str, Reply] = {
        "/1": http(SECRET, status=302, location="/2"),
        "/2": http(SECRET, status=307, location=location),
        "/secret": http(SECRET),
    }
    names = Names(a_example=["93.184.215.14"], inner_example=["10.0.0.1"])
    error = refused(tmp_path, "http://a.example/1", answers, match=match, names=names, dialled=2)
    assert error.field is None  # the request's own field is named by who asked


def test_redirects_are_followed_with_the_new_hosts_name_and_nothing_of_the_old(
    tmp_path: Path,
) -> None:
    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        media = await fetcher.get("http://a.example/1")
        assert media.type == "image/png"
        assert [address for address, _ in network.dialled] == ["93.184.215.14", "93.184.215.15"]
        assert "\r\nHost: b.example\r\n" in place.asked[1]
        assert "cookie" not in place.asked[1].lower()

    answers: dict[str, Reply] = {
        "/1": http(b"", status=301, location="http://b.example/2", set_cookie="session=1"),
        "/2": http(PNG),
    }
    fetching(tmp_path, answers, use)


def test_redirects_end(tmp_path: Path) -> None:
    answers: dict[str, Reply] = {"/1": http(b"", status=302, location="/1")}
    match = "a.example/1 leads on more than 3 times"
    settings = Fetch(seconds=5, redirects=3)
    refused(tmp_path, "http://a.example/1", answers, match=match, settings=settings, dialled=4)


@pytest.mark.parametrize(
    ("answer", "match", "kind"),
    [
        (http(SECRET), "is not an image, by its first bytes", NotFetched),
        (http(SECRET, content_type="image/png"), "is not an image", NotFetched),
        (http(MP4), "is not an image", NotFetched),
        (http(b"short"), "is not an image", NotFetched),
        (http(b""), "gave an empty file", NotFetched),
        (http(SECRET, status=404), "answered with status 404", NotFetched),
        (http(SECRET, status=401), "answered with status 401", NotFetched),
        (http(JPEG, status=206), "answered with status 206", NotFetched),
        (http(SECRET, status=302), "answered with status 302", NotFetched),
        (http(JPEG, length=20_000_000), "longer than 20,000 bytes", TooLarge),
        (http(JPEG, length=10**19), "longer than 20,000 bytes", TooLarge),
        (http(JPEG, length=12_000), "the connection broke off", NotFetched),
        (http(JPEG + bytes(20_000)), "longer than 20,000 bytes", TooLarge),
        (http(JPEG, content_encoding="br"), "an encoding that was not asked for", NotFetched),
        (http(JPEG, content_encoding="gzip"), "not in the encoding it names", NotFetched),
        (http(gzip.compress(JPEG)[:-9], content_encoding="gzip"), "not in the encoding", NotFetched),
        (b"HTTP/1.1 200 OK\r\n\r\n" + JPEG * 3, "longer than 20,000 bytes", TooLarge),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "the connection broke off", NotFetched),
        (b"", "the connection broke off", NotFetched),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, "the connection broke off", NotFetched),
    ],
)  # fmt: skip
def test_what_is_not_taken(
    tmp_path: Path, answer: bytes, match: str, kind: type[MutoscopeError]
) -> None:
    settings = Fetch(seconds=5, max_bytes=20_000)
    url = "http://a.example/x?token=hunter2"
    refused(tmp_path, url, {"/x?token=hunter2": answer}, match=match, kind=kind, settings=settings, dialled=1)  # fmt: skip


def test_a_bomb_is_stopped_at_the_bound(tmp_path: Path) -> None:
    bomb = gzip.compress(PNG[:8] + bytes(30_000_000), 9)
    refused(
        tmp_path, "http://a.example/x", {"/x": http(bomb, content_encoding="gzip")},
        match="longer than 1,000,000 bytes", kind=TooLarge,
        settings=Fetch(seconds=20, max_bytes=1_000_000), dialled=1,
    )  # fmt: skip


def test_a_bomb_is_undone_in_bounded_steps(tmp_path: Path) -> None:
    lengths: list[int] = []

    def judge(type: str, length: int) -> None:
        lengths.append(length)
        if length > 1_000_000:
            raise TooLarge("enough")

    sink = Sink(MediaStore(tmp_path), judge, bound=2_000_000, inflate=True)
    with pytest.raises(TooLarge, match="enough"):
        sink.take(gzip.compress(PNG[:8] + bytes(30_000_000), 9))
    sink.close()
    assert max(b - a for a, b in pairwise(lengths)) <= STEP


@pytest.mark.parametrize(("pack", "name"), [(gzip.compress, "gzip"), (zlib.compress, "deflate")])
def test_compressed_answers_are_undone(
    tmp_path: Path, pack: Callable[[bytes], bytes], name: str
) -> None:
    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        assert (await fetcher.get("http://a.example/x")).length == len(PNG)

    fetching(tmp_path, {"/x": http(pack(PNG), content_encoding=name)}, use)


def test_each_kind_has_its_own_bound(tmp_path: Path) -> None:
    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        both = ("image", "video")
        assert (await fetcher.get("http://a.example/v", kinds=both)).type == "video/mp4"
        with pytest.raises(TooLarge, match="longer than 5,000 bytes"):
            await fetcher.get("http://a.example/i", kinds=both)
        with pytest.raises(TooLarge, match="longer than 100 bytes"):
            await fetcher.get("http://a.example/v", kinds=both, max_bytes=100)
        with pytest.raises(NotFetched, match="is not an image or an audio"):
            await fetcher.get("http://a.example/v", kinds=("image", "audio"))

    answers: dict[str, Reply] = {"/v": http(MP4), "/i": http(PNG)}
    fetching(tmp_path, answers, use, limits=Limits(image_bytes=5000))


def test_a_slow_answer_is_cut_off_as_a_whole(tmp_path: Path) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + JPEG[:5000])
        while True:  # each byte comes in time; all of them would not
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    error = refused(
        tmp_path, "http://a.example/x", {"/x": drip}, match=r"took longer than 0\.3 seconds",
        kind=NotFetched, settings=Fetch(seconds=0.3), dialled=1,
    )  # fmt: skip
    assert isinstance(error, NotFetched)
    assert error.transient


def test_what_may_fare_better_is_tried_again_and_nothing_else(tmp_path: Path) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers["/x"] = http(JPEG)
        writer.write(http(b"", status=503))

    answers: dict[str, Reply] = {"/x": busy, "/none": http(b"", status=404)}

    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        assert (await fetcher.get("http://a.example/x", tries=3)).type == "image/jpeg"
        assert len(place.asked) == 2
        with pytest.raises(NotFetched, match="status 404"):
            await fetcher.get("http://a.example/none", tries=3)
        assert len(place.asked) == 3
        answers["/x"] = busy
        with pytest.raises(NotFetched, match="status 503"):
            await fetcher.get("http://a.example/x")

    fetching(tmp_path, answers, use)


def test_a_fetch_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    began = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + JPEG[:5000])
        await writer.drain()
        began.set()
        await asyncio.sleep(30)

    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        task = asyncio.create_task(fetcher.get("http://a.example/x"))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    fetching(tmp_path, {"/x": hang}, use)


def test_a_slow_resolver_is_cut_off(tmp_path: Path) -> None:
    class Slow(Names):
        async def __call__(self, host: str, port: int) -> list[str]:
            await asyncio.sleep(30)
            return []

    refused(
        tmp_path, "http://a.example/x", match="took longer", names=Slow(),
        settings=Fetch(seconds=0.2), kind=NotFetched,
    )  # fmt: skip


def test_the_environments_proxy_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def use(fetcher: Fetcher, place: Place, network: Network) -> None:
        assert (await fetcher.get("http://a.example/x")).type == "image/jpeg"

    fetching(tmp_path, {"/x": http(JPEG)}, use)


def test_tls_asks_for_the_name_and_will_not_talk_to_a_stranger(tmp_path: Path) -> None:
    hello: list[bytes] = []

    async def run() -> None:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            hello.append(await reader.read(4096))
            writer.close()

        async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
            network = Network(server.sockets[0].getsockname()[1])
            names = Names()
            names.names["pictures.example."] = ["93.184.215.14"]
            fetcher = Fetcher(
                Fetch(seconds=5), MediaStore(tmp_path), Limits(), resolve=names, network=network
            )
            with pytest.raises(NotFetched, match="could not be fetched"):
                await fetcher.get("https://pictures.example./x")
            assert network.dialled == [("93.184.215.14", 443)]
            fetcher.close()

    asyncio.run(run())
    assert b"\x00\x10pictures.example\x00" in hello[0]  # length, then the name without its last dot


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for pictures.example that signs itself, and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    name = "subjectAltName=DNS:pictures.example"
    making = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    making += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=x", "-addext", name]
    subprocess.run(making, check=True, capture_output=True)
    return certificate, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_certificate_is_held_against_the_name_and_not_the_address(
    tmp_path: Path, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = ("pictures.example", "other.example")

    async def run() -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
        async with serving({"/x": http(JPEG)}, tls=tls) as place:
            names = Names()
            names.names = {host: ["93.184.215.14"] for host in hosts}

            async def fetch(url: str) -> str:
                network = Network(place.port)
                store = MediaStore(tmp_path / "store")
                fetcher = Fetcher(Fetch(seconds=5), store, Limits(), resolve=names, network=network)
                try:
                    return (await fetcher.get(url)).type
                except NotFetched as failure:
                    return failure.message.partition(": ")[2]
                finally:
                    fetcher.close()

            unverified = "its certificate could not be verified"
            assert await fetch("https://pictures.example/x") == unverified
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
            assert await fetch("https://pictures.example/x") == "image/jpeg"
            assert await fetch("https://other.example/x") == unverified
            assert await fetch("https://93.184.215.14/x") == unverified

    asyncio.run(run())


def test_allow_private_opens_loopback_for_real(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving({"/x": http(JPEG)}) as place:
            store = MediaStore(tmp_path)
            shut = Fetcher(Fetch(), store, Limits())
            opened = Fetcher(Fetch(allow_private=True), store, Limits())
            for host in ("127.0.0.1", "localhost"):
                with pytest.raises(BadInput, match=r"fetch\.allow_private"):
                    await shut.get(f"http://{host}:{place.port}/x")
                media = await opened.get(f"http://{host}:{place.port}/x")
                assert media.type == "image/jpeg"
            with pytest.raises(BadInput, match="link-local"):
                await opened.get("http://169.254.169.254/")
            with pytest.raises(NotFetched, match="no connection could be made"):
                await opened.get("http://127.0.0.1:1024/")
            shut.close()
            opened.close()
            assert len(place.asked) == 2

    asyncio.run(run())


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    class Half(Network):
        async def connect_tcp(self, host: str, *rest: object, **more: object) -> httpcore.AsyncNetworkStream:  # fmt: skip
            self.dialled.append((host, 0))
            if host == "2606:4700::1111":
                raise httpcore.ConnectError("no route")
            return await super().connect_tcp(host, 80)

    async def run() -> None:
        async with serving({}) as place:
            network = Half(place.port)
            names = Names(a_example=["2606:4700::1111", "93.184.215.14", "93.184.215.14"])
            stream = await Pinned(Reach(), names, network=network).connect_tcp("a.example", 80)
            await stream.aclose()
            assert [host for host, _ in network.dialled] == ["2606:4700::1111", "93.184.215.14", "93.184.215.14"]  # fmt: skip

    asyncio.run(run())


def test_this_machines_public_address_is_open_at_the_webs_ports_alone() -> None:
    async def run(reach: Reach, own: str, port: int, host: str = "a.example") -> bool:
        names = Names(a_example=["93.184.215.14", "93.184.215.15"])
        pinned = Pinned(reach, names, own=lambda address: str(address) == own)
        try:
            return bool(await pinned.addresses(host, port))
        except BadInput:
            return False

    for port, expected in ((80, True), (443, True), (8080, False), (6380, False)):
        assert asyncio.run(run(Reach(), "93.184.215.15", port)) is expected
        assert asyncio.run(run(Reach(), "93.184.215.14", port, "93.184.215.14")) is expected
    assert asyncio.run(run(Reach(), "8.8.8.8", 8080))
    assert asyncio.run(run(Reach(loopback=True), "93.184.215.15", 8080))


def test_this_machine_knows_its_own_addresses() -> None:
    assert is_own(ip_address("127.0.0.1"))
    assert not is_own(ip_address("8.8.8.8"))
    assert not is_own(ip_address("2606:4700::1111"))


def test_the_system_resolver_finds_this_machine() -> None:
    async def run() -> None:
        resolver = SystemResolver()
        assert {"127.0.0.1", "::1"} & set(await resolver("localhost", 80))
        with pytest.raises((OSError, UnicodeError)):
            await resolver("no-such-name.invalid", 80)
        resolver.close()

    asyncio.run(run())
