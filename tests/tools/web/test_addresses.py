"""Which numeric addresses are of the public internet: against what Python's ipaddress knows, and one by one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tools.web import addresses
from pointsman.tools.web.addresses import NAT64, is_allowed, is_public, is_this_machine

V4 = st.integers(0, 2**32 - 1).map(IPv4Address)
V6 = st.integers(0, 2**128 - 1).map(IPv6Address)
GIVEN_OUT = st.integers(2**125, 2**126 - 1).map(IPv6Address)  # 2000::/3, where random ones hardly ever are


@given(V4 | V6 | GIVEN_OUT)
def test_what_python_calls_private_is_never_public(address: IPv4Address | IPv6Address) -> None:
    closed = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (isinstance(address, IPv4Address) and address.is_reserved)
    )
    if closed and address not in NAT64:
        assert not is_public(address)


@given(V4)
def test_an_ipv4_address_inside_an_ipv6_one_is_as_good_as_itself_or_refused(inside: IPv4Address) -> None:
    number = int(inside)
    assert is_public(IPv6Address(int(NAT64.network_address) | number)) == is_public(inside)
    assert not is_public(IPv6Address(0xFFFF << 32 | number))  # mapped
    assert not is_public(IPv6Address(number))  # compatible, and the loopback
    assert not is_public(IPv6Address(0x2002 << 112 | number << 80 | 1))  # 6to4
    assert not is_public(IPv6Address(0x20010000 << 96 | (number ^ 0xFFFFFFFF)))  # Teredo
    assert not is_public(IPv6Address(0x64FF9B0001 << 88 | number))  # the NAT64 of a private network


@given(V4)
def test_most_of_ipv4_is_public(address: IPv4Address) -> None:
    """The other direction, or a check that refuses all would pass; 192.0.0.0/24 and the like are small."""
    if address.is_global and not address.is_multicast and address != IPv4Address("168.63.129.16"):
        allowed_here = is_public(address)
        small = str(address).startswith(("192.0.0.", "192.88.99.", "192.31.196.", "192.52.193.", "192.175.48."))
        assert allowed_here or small


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.215.14",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "223.255.0.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::8a",
        "2001:4860:4860::8888",
        "64:ff9b::8.8.8.8",
    ],
)
def test_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_is_known_by_its_own_addresses(address: str) -> None:
    assert is_this_machine(ip_address(address)) or address == "::1"  # where IPv6 is switched off
    assert not is_allowed(ip_address(address))


def test_a_public_address_of_this_machine_is_not_fetched_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """What listens there is behind its firewall for others, and not for us."""
    own = ip_address("1.1.1.1")
    monkeypatch.setattr(addresses, "is_this_machine", lambda address: address == own)
    assert is_public(own)
    assert not is_allowed(own)
    assert is_allowed(ip_address("8.8.8.8"))


def test_an_address_with_a_zone_is_not_public() -> None:
    assert not is_public(IPv6Address("2606:4700::1%eth0"))
