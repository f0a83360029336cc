"""Addresses of people and machines: e-mail, URLs with passwords or queries in them, IP."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from pointsman.tiers.redaction.found import Hidden, after, before, digits_in, stands_alone

# Letters of any script: what is neither blank nor a sign.
NAME: Final = r"""[^\s\x00-\x1f@"(),:;<>\[\]\\/|{}!?=&*#$^`~]"""
LABEL: Final = r"""[^\s\x00-\x1f@"'(),:;<>\[\]\\/|{}!?=&*#$^`~._%+]"""
EMAIL: Final = rf"{NAME}{{1,64}}@(?:{LABEL}+\.)*{LABEL}{{2,}}"
# somebody (at) example.org, somebody [at] example [dot] org
SPELT_EMAIL: Final = (
    r"(?i)[a-z0-9._%+-]{1,64} ?[(\[]at[)\]] ?[a-z0-9-]{1,63}"
    r"(?: ?(?:\.|[(\[]dot[)\]]) ?[a-z0-9-]{2,63}){1,3}"
)
# What follows the @ in "icon@2x.png" is no host.
PICTURES: Final = frozenset({b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp"})
SENTENCE_ENDS: Final = b".,;:!?)}*_"


def email(data: bytes, start: int, end: int) -> Hidden | None:
    """An address of e-mail, or of the same form, such as user@host.org in ssh."""
    name, _, host = data[start:end].rpartition(b"@")
    labels = host.lower().split(b".")
    if not name.strip(b"._%+'-") or (len(labels) == 1 and labels[0] != b"localhost"):
        return None
    last = labels[-1].decode()
    if not last.replace("-", "").isalpha() or labels[-1] in PICTURES:
        return None
    return Hidden(end, b"[email]")


def url(data: bytes, start: int, end: int) -> Hidden | None:
    """An address on the web: its place is told, and hidden are the credentials and everything that it carries."""
    whole = data[start:end].rstrip(SENTENCE_ENDS)
    scheme, _, rest = whole.partition(b"://")
    cut = min((place for place in map(rest.find, (b"/", b"?", b"#")) if place >= 0), default=len(rest))
    authority, path = rest[:cut], rest[cut:]
    if b"@" in authority:
        authority = b"[credentials]@" + authority.rpartition(b"@")[2]
    path, fragment = carried(path, b"#", b"=")
    path, query = carried(path, b"?", b"")
    instead = scheme + b"://" + authority + path + query + fragment
    return None if instead == whole else Hidden(start + len(whole), instead)


def carried(path: bytes, sign: bytes, needs: bytes) -> tuple[bytes, bytes]:
    """A path without what follows a sign, and that: hidden where there is something with `needs` in it."""
    path, found, carries = path.partition(sign)
    hides = carries and needs in carries and not carries.startswith(b"[query]")
    return path, found + (b"[query]" if hides else carries)


def ipv4(data: bytes, start: int, end: int) -> Hidden | None:
    """An IPv4 address; no version of four numbers that is called one."""
    try:
        IPv4Address(data[start:end].decode())
    except AddressValueError:
        return None
    more = after(data, end) == b"." and data[end + 1 : end + 2].isdigit()
    called = data[max(start - 9, 0) : start].lower().rstrip(b" ").endswith((b"version", b"v", b"ver.", b"release"))
    if more or called or before(data, start) == b"." or not stands_alone(data, start, end):
        return None
    return Hidden(end, b"[ip]")


def ipv6(data: bytes, start: int, end: int) -> Hidden | None:
    """An IPv6 address; no time of day, and no name such as a::b in a program."""
    piece = data[start:end]
    if len(piece) < 6 or not digits_in(piece) or not stands_alone(data, start, end) or before(data, start) == b":":
        return None
    piece = piece[:-1] if piece.endswith(b":") and not piece.endswith(b"::") else piece
    try:
        IPv6Address(piece.decode())
    except AddressValueError:
        return None
    return Hidden(start + len(piece), b"[ip]")
