"""Which addresses a page may be fetched from: those of the public internet, and of nobody's own network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

# https://www.iana.org/assignments/iana-ipv4-special-registry, multicast, and one address that Azure keeps in public
# space for its machines alone. Written out: what ipaddress calls global has changed between releases of Python.
CLOSED_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host; Linux takes 0.0.0.0 for 127.0.0.1
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a provider's NAT; Tailscale; 100.100.100.200 is Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's
        "169.254.0.0/16",  # link-local; 169.254.169.254 is the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# The only part of IPv6 that is given out for the public internet.
PUBLIC_V6: Final = IPv6Network("2000::/3")
CLOSED_V6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4, which holds an IPv4 address, and is given up (RFC 7526)
        "3fff::/20",
    )
)
# Where a network has no IPv4, every IPv4 address is reached by this prefix before it (RFC 6052).
NAT64: Final = IPv6Network("64:ff9b::/96")
LOW_32: Final = 0xFFFF_FFFF
# Any port does: nothing is sent to it.
DISCARD: Final = 9


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet; those that hold an IPv4 address count as that one, or not."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in CLOSED_V4)
    if address.scope_id is not None:
        return False
    if address in NAT64:
        return is_public(IPv4Address(int(address) & LOW_32))
    return address in PUBLIC_V6 and not any(address in network for network in CLOSED_V6)


def is_this_machine(address: Address) -> bool:
    """Whether an address is one of this machine's own: a public one leads behind its firewall all the same.

    The system would send from the very address that it sends to; no packet leaves for finding that out.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), DISCARD))
            return ip_address(probe.getsockname()[0]) == address
    except OSError:  # no way leads there
        return False


def is_allowed(address: Address) -> bool:
    """Whether pages may be fetched from an address."""
    return is_public(address) and not is_this_machine(address)
