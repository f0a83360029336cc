"""Which addresses are in the house: on this machine, or in a network that is nobody else's."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

# Private networks (RFC 1918, RFC 4193), the link's own (RFC 3927, RFC 4291), this machine, and the shared range
# (RFC 6598) that networks laid over the internet give to their own computers.
NETWORKS: Final = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "100.64.0.0/10"),
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
# Names that the public DNS does not hold (RFC 6762, RFC 8375, and what routers and containers are called).
ENDINGS: Final = (".localhost", ".local", ".lan", ".home", ".internal", ".home.arpa")
# Ollama passes models of such names on to its makers, wherever it runs itself.
PASSED_ON: Final = ("-cloud", ":cloud")


def is_in_house(url: str) -> bool:
    """Whether whoever listens at an address is in the house; False for what is no address."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    try:
        address = ip_address(host.split("%", 1)[0])
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(ENDINGS))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in NETWORKS)


def answers_in_house(url: str, models: Iterable[str]) -> bool:
    """Whether a server in the house answers with models of its own, and passes nothing on."""
    return is_in_house(url) and not any(model.endswith(PASSED_ON) for model in models)


def is_outside(it: object) -> bool:
    """Whether a model or a server is outside the house, as far as it says so: its `outside`."""
    return bool(getattr(it, "outside", False))
