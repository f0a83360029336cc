"""Which addresses are on this very machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and none but this machine reaches it: "localhost", 127.0.0.0/8, ::1."""
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_here(url: str) -> bool:
    """Whether an address is on this machine; False for what is no address."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False
