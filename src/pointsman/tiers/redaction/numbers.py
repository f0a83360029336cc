"""Numbers that belong to somebody: bank accounts, cards, phones; no years, sizes, versions, dates and sums."""

from __future__ import annotations

import re
from typing import Final

from pointsman.tiers.redaction.found import Hidden, after, before, digits_in, stands_alone

CARD: Final = (
    r"\d{4}[ .-]\d{4}[ .-]\d{4}[ .-]\d{4}(?:[ .-]\d{3})?"
    r"|\d{4}[ .-]\d{6}[ .-]\d{4,5}"
    r"|\d{13,19}"
)

# Bare numbers that a phone is named with; of two groups or more they speak for themselves.
PHONE: Final = (
    r"(?:\+|\b00)[1-9]\d{0,3}(?:[ ./()-]{0,3}\d{1,14}){1,8}"  # +49 171 1234567, 0044 20 7946 0958
    r"|\(?0[1-9]\d{0,4}\)?(?:[ ./-]{1,3}\d{1,8}){1,6}|0[1-9]\d{7,10}"  # 030/1234567, 06 12 34 56 78, 07700900123
    r"|\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[ .-]\d{4}|\([2-9]\d{2}\)\d{3}[ .-]\d{4}"  # (555) 123-4567
    r"|1[3-9]\d[ -]?\d{4}[ -]?\d{4}"  # China: 138 1234 5678
    r"|8[ -]?\(?\d{3}\)?[ -]?\d{3}[ -]\d{2}[ -]\d{2}"  # Russia: 8 (912) 345-67-89
    r"|\(?[1-9]\d\)? ?9\d{4}-\d{4}"  # Brazil: (11) 91234-5678
    r"|[6-9]\d{4}[ -]\d{5}"  # India: 98765 43210
)
NAMED_PHONE: Final = (
    r"(?i)(?:\btel\b|telefon|teléfono|téléphone|phone|mobile|\bcell\b|\bfax\b|whatsapp|handynummer|\bcall me\b"
    r"|\btext me\b|телефон|电话|手机|電話|전화)[^\d\n\]]{0,20}\d[\d ()./-]{4,20}\d"
)

LEAST_DIGITS: Final = 9
LEAST_NAMED: Final = 7
MOST_DIGITS: Final = 15
# 01.02.2024, 2024-02-01, 2023/2024; what follows may be a time.
DATE: Final = re.compile(
    rb"(?:\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d{2}|(?:19|20)\d{2}[./ -](?:\d{1,2}[./ -]\d|(?:19|20)\d\d))"
)
OPERATORS: Final = frozenset({b"+", b"*", b"/", b"=", b"^", b"%", b"<", b">"})


def iban(data: bytes, start: int, end: int) -> Hidden | None:
    """The number of a bank account, by its check digits; groups of words behind it are not a part of it."""
    piece = data[start:end]
    while len(piece) >= 15:
        plain = piece.replace(b" ", b"").decode().upper()
        if len(plain) <= 34 and int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1:
            return Hidden(start + len(piece), b"[iban]")
        shorter = piece.rfind(b" ")
        if shorter < 0:
            return None
        piece = piece[:shorter]
    return None


def card(data: bytes, start: int, end: int) -> Hidden | None:
    """The number of a card, by its issuer and its check digit."""
    if before(data, start).isdigit() or after(data, end).isdigit():
        return None
    groups = re.split(rb"[ .-]", data[start:end])
    if is_card(b"".join(groups)):
        return Hidden(end, b"[card]")
    if len(groups) == 5 and is_card(b"".join(groups[:4])):
        return Hidden(end, b"[card]")  # with the three digits from its back
    return None


def is_card(digits: bytes) -> bool:
    """Whether digits are those of a card. Source: Luhn's formula, ISO/IEC 7812-1."""
    first = {13: b"4", 14: b"3", 15: b"3"}.get(len(digits), b"23456")
    if not 13 <= len(digits) <= 19 or digits[:1] not in {first[place : place + 1] for place in range(len(first))}:
        return False
    total = 0
    for place, byte in enumerate(reversed(digits)):
        digit = (byte - 48) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def named_phone(data: bytes, start: int, end: int) -> Hidden | None:
    """The number behind a word such as "phone", of 7 digits and more."""
    piece = data[start:end]
    at = next(place for place, byte in enumerate(piece) if 48 <= byte <= 57)
    number = groups_of(piece[at:])
    if len(digits_in(number)) < LEAST_NAMED or DATE.match(number) or after(data, start + at + len(number)).isalnum():
        return None
    lead = piece[:at].rstrip(b"+(")
    return Hidden(start + at + len(number), lead + b"[phone]")


def phone(data: bytes, start: int, end: int) -> Hidden | None:
    """A phone's number that is written as one: with its country, a leading 0, or in groups."""
    piece = groups_of(data[start:end])
    end = start + len(piece)
    digits = digits_in(piece)
    international = piece.startswith((b"+", b"00"))
    if len(digits) < LEAST_DIGITS - international or DATE.match(piece.lstrip(b"(")):
        return None
    if not set(digits) - set(b"01") or digits in b"01234567890":  # binary, or all digits in a row
        return None
    if not stands_alone(data, start, end) or before(data, start) in {b".", b",", b"_"}:
        return None
    if after(data, end) in {b".", b"-", b"/", b",", b"_"} and data[end + 1 : end + 2].isdigit():
        return None  # a part of something longer
    if (piece.isdigit() or piece[:1] == b"+") and in_a_sum(data, start, end):
        return None
    return Hidden(end, b"[phone]")


def in_a_sum(data: bytes, start: int, end: int) -> bool:
    """Whether a number stands beside a sign of arithmetic, or, with a sign of its own, behind another number."""
    left, right = data[max(start - 3, 0) : start].rstrip(), data[end : end + 3].lstrip()
    if data[start : start + 1] == b"+":
        return left[-1:].isdigit()
    times = (left[-1:] == b"x" and not left[-2:-1].isalpha()) or (right[:1] == b"x" and not right[1:2].isalpha())
    longer = right[:1] in {b".", b","} and right[1:2].isdigit()
    return times or longer or left[-1:] in OPERATORS or right[:1] in OPERATORS


def groups_of(piece: bytes) -> bytes:
    """The beginning of a piece, up to the last whole group with which it has no more digits than a phone has."""
    while len(digits_in(piece)) > MOST_DIGITS:
        shorter = re.sub(rb"[^\d]+\d+[^\d]*$", b"", piece)
        if shorter == piece:
            break
        piece = shorter
    return piece
