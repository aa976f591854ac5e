"""Which network addresses may be reached."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutoscope.outside.addresses import PUBLIC, Reach, is_loopback, kind

KINDS = [
    ("8.8.8.8", PUBLIC),
    ("93.184.215.14", PUBLIC),
    ("172.15.255.255", PUBLIC),
    ("172.32.0.0", PUBLIC),
    ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "private"),
    ("100.64.0.1", "shared"),
    ("100.127.255.255", "shared"),
    ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"),
    ("192.0.0.192", "metadata"),
    ("169.254.169.254", "link-local"),
    ("192.0.2.1", "reserved"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("fc00::1", "private"),
    ("fd12:3456::1", "private"),
    ("fec0::1", "private"),
    ("fd00:ec2::254", "metadata"),
    ("fd20:ce::254", "metadata"),
    ("fe80::1", "link-local"),
    ("ff02::1", "multicast"),
    ("2001:db8::1", "reserved"),
    ("2001:0:7f00:1::", "reserved"),
    ("2002:7f00:1::", "reserved"),
    ("2002:808:808::", "reserved"),
    ("3fff::1", "reserved"),
    ("4000::1", "reserved"),
    ("100::1", "reserved"),
    ("64:ff9b:1::1", "reserved"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:169.254.169.254", "link-local"),
    ("::ffff:8.8.8.8", PUBLIC),
    ("::127.0.0.1", "reserved"),
    ("::8.8.8.8", "reserved"),
    ("::ffff:0:127.0.0.1", "reserved"),
    ("64:ff9b::10.0.0.1", "private"),
    ("64:ff9b::8.8.8.8", PUBLIC),
    ("2a00::5efe:7f00:1", "reserved"),
    ("2a00::200:5efe:7f00:1", "reserved"),
]


@pytest.mark.parametrize(("address", "expected"), KINDS)
def test_an_address_is_what_it_is(address: str, expected: str) -> None:
    assert kind(ip_address(address)) == expected


@given(st.ip_addresses(v=4))
def test_nothing_is_public_that_python_does_not_hold_global(address: IPv4Address) -> None:
    if kind(address) == PUBLIC:
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_is_public_that_python_does_not_hold_global(address: IPv6Address) -> None:
    if kind(address) == PUBLIC:
        assert address.is_global or address.ipv4_mapped is not None or address.packed[:4] == b"\0d\xff\x9b"  # fmt: skip
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address: IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert kind(IPv6Address(int(IPv6Address(prefix)) | int(address))) == kind(address)


@given(st.ip_addresses())
def test_what_opens_never_opens_what_stays_shut(address: IPv4Address | IPv6Address) -> None:
    if kind(address) in ("link-local", "metadata", "multicast", "reserved", "unspecified"):
        assert not Reach(loopback=True, private=True).allows(address)


def test_what_a_reach_opens() -> None:
    def allowed(reach: Reach) -> list[bool]:
        return [reach.allows(ip_address(a)) for a in ("8.8.8.8", "127.0.0.1", "::1", "10.0.0.1", "100.64.1.1")]  # fmt: skip

    assert allowed(Reach()) == [True, False, False, False, False]
    assert allowed(Reach(loopback=True)) == [True, True, True, False, False]
    assert allowed(Reach(private=True)) == [True] * 5


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("LOCALHOST.", True), ("::1", True), ("[::1]", True),
     ("127.8.8.8", True), ("0.0.0.0", False), ("::", False), ("", False), ("example.com", False),
     ("192.168.0.1", False)],
)  # fmt: skip
def test_a_host_that_only_its_own_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
