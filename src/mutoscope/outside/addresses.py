"""Which network addresses may be reached: tables of the special ones, and one question.

Sources: the IANA registries of special-purpose IPv4 and IPv6 addresses; RFC 6052 (NAT64), RFC 4380
(Teredo), RFC 3056 (6to4), RFC 5214 (ISATAP); the clouds' documentation of their metadata services.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: network → what it is; the first that holds an address counts, so the narrower ones stand first
SPECIAL: tuple[tuple[str, str], ...] = (
    ("169.254.0.0/16", "link-local"),  # and the metadata service of nearly every cloud
    ("100.100.100.200/32", "metadata"),  # Alibaba Cloud
    ("168.63.129.16/32", "metadata"),  # Azure, out of its public range
    ("192.0.0.192/32", "metadata"),  # Oracle Cloud
    ("0.0.0.0/8", "unspecified"),
    ("127.0.0.0/8", "loopback"),
    ("10.0.0.0/8", "private"),
    ("172.16.0.0/12", "private"),
    ("192.168.0.0/16", "private"),
    ("100.64.0.0/10", "shared"),  # behind a provider's NAT; also overlay networks
    ("198.18.0.0/15", "private"),  # for benchmarks; local proxies hand these out
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "reserved"),  # documentation
    ("198.51.100.0/24", "reserved"),
    ("203.0.113.0/24", "reserved"),
    ("192.88.99.0/24", "reserved"),  # 6to4 relays
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),  # and broadcast
    ("fd00:ec2::/32", "metadata"),  # Amazon
    ("fd20:ce::/32", "metadata"),  # Google Cloud
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("fc00::/7", "private"),
    ("fec0::/10", "private"),  # site-local, before fc00::/7
    ("fe80::/10", "link-local"),
    ("ff00::/8", "multicast"),
    ("2001::/23", "reserved"),  # Teredo, ORCHID and other protocols
    ("2001:db8::/32", "reserved"),  # documentation
    ("2002::/16", "reserved"),  # 6to4: any IPv4 address can hide in it
    ("3fff::/20", "reserved"),  # documentation
)
_SPECIAL: tuple[tuple[Network, str], ...] = tuple((ip_network(n), kind) for n, kind in SPECIAL)
_UNICAST = IPv6Network("2000::/3")  # all that has been given out of IPv6
_NAT64 = IPv6Network("64:ff9b::/96")
_MAPPED = IPv6Network("::ffff:0:0/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)

PUBLIC = "public"
#: what a setting may open; link-local, metadata, multicast, reserved and unspecified stay shut
OPENABLE = frozenset({"loopback", "private", "shared"})


def kind(address: Address) -> str:
    """What an address is: "public", or the word of SPECIAL that shuts it out.

    An IPv4 address inside an IPv6 one (mapped, or behind a NAT64) is judged as what it is there.
    """
    if isinstance(address, IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return kind(inner)
    for network, word in _SPECIAL:
        if address.version == network.version and address in network:
            return word
    if isinstance(address, IPv6Address) and (address not in _UNICAST or _isatap(address)):
        return "reserved"
    return PUBLIC


def _isatap(address: IPv6Address) -> bool:
    return (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached beside public addresses."""

    loopback: bool = False
    private: bool = False  # private networks, shared ones and loopback

    def allows(self, address: Address) -> bool:
        word = kind(address)
        if word == PUBLIC:
            return True
        return (self.private and word in OPENABLE) or (self.loopback and word == "loopback")


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` is reached from its own machine only."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return kind(ip_address(host.strip("[]"))) == "loopback"
    except ValueError:
        return False
