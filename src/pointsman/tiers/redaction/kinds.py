"""What is hidden: for each kind of thing the expression that finds candidates, and the check that confirms one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pointsman.tiers.redaction import addresses, numbers, secrets
from pointsman.tiers.redaction.found import Hidden, always

Check = Callable[[bytes, int, int], Hidden | None]
"""Given the whole text and where in it a candidate begins and ends: what stands there instead; None if it stays."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is looked for where a text holds any of `needs`: RE2 finds candidates, `check` confirms them."""

    needs: tuple[bytes, ...]
    regex: str
    check: Check


DIGITS: Final = tuple(b"%d" % digit for digit in range(10))
ASSIGNS: Final = (*(sign.encode() for sign in secrets.SIGNS), b" is ", b" IS ", b"--")

PRIVATE_KEY: Final = r"PRIVATE KEY(?: BLOCK)?-----"

# Before others comes what holds others: an address in a query string, a number in a password.
KINDS: Final = (
    Kind(
        (b"-----BEGIN",),
        rf"-----BEGIN [A-Z ]{{0,40}}{PRIVATE_KEY}(?s:.*?)(?:-----END [A-Z ]{{0,40}}{PRIVATE_KEY}|\z)",
        always(b"[key]"),
    ),
    Kind((b"://",), r"(?i)\b[a-z][a-z0-9+.-]{1,30}://[^\s<>\"'`]+", addresses.url),
    Kind(ASSIGNS, secrets.ASSIGNMENT, secrets.assigned),
    Kind((b"cv", b"CV", b"Cv"), secrets.CARD_CODE, secrets.card_code),
    Kind((b"earer", b"EARER", b"asic", b"BASIC"), secrets.AUTHORIZATION, secrets.authorization),
    Kind(secrets.KEY_NEEDS, secrets.KEY, secrets.key),
    Kind((b"@",), addresses.EMAIL, addresses.email),
    Kind((b"at)", b"at]", b"AT)", b"AT]"), addresses.SPELT_EMAIL, always(b"[email]")),
    Kind(DIGITS, r"(?i)\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\b", numbers.iban),
    Kind(DIGITS, numbers.CARD, numbers.card),
    Kind((b"-",), r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", always(b"[key]")),
    Kind(DIGITS, r"[A-Za-z0-9+/_-]{32,}={0,2}", secrets.random_run),
    Kind(
        (b":",),
        r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{0,31}(?:\.\d{1,3}){0,3}",
        addresses.ipv6,
    ),
    Kind((b".",), r"\d{1,3}(?:\.\d{1,3}){3}", addresses.ipv4),
    Kind(DIGITS, numbers.NAMED_PHONE, numbers.named_phone),
    Kind(DIGITS, numbers.PHONE, numbers.phone),
)
