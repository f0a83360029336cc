"""What is hidden before a text leaves, what is not, and that no text takes long or comes out otherwise twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers.redaction import redacted
from pointsman.tiers.redaction.hiding import compiled
from pointsman.tiers.redaction.kinds import KINDS

MESSAGES = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "intents" / "dev.jsonl"
LONG = 100_000

# Made up, or from the documentation of those who give out such numbers as examples.
HIDDEN = [
    ("write to Bob.O'Neil+x@mail.example.co.uk, please.", "write to [email], please."),
    ("bücher@bücher.example", "[email]"),
    ("root@localhost", "[email]"),
    ("me (at) example.org or me [at] example [dot] org", "[email] or [email]"),
    ("postgres://admin:hunter2@db.local:5432/x", "postgres://[credentials]@db.local:5432/x"),
    ("see https://ex.org/p?token=abc#part, ok", "see https://ex.org/p?[query]#part, ok"),
    ("https://ex.org/cb#access_token=abc", "https://ex.org/cb#[query]"),
    ("+49 171 1234567", "[phone]"),
    ("call +44 20 7946 0958 now", "call [phone] now"),
    ("+1 (555) 123-4567", "[phone]"),
    ("0044 20 7946 0958", "[phone]"),
    ("(555) 123-4567 or 555-123-4567 or 555.123.4567", "[phone] or [phone] or [phone]"),
    ("020 7946 0958", "[phone]"),
    ("07700900123", "[phone]"),
    ("0171/1234567", "[phone]"),
    ("(030) 1234567", "[phone]"),
    ("06 12 34 56 78", "[phone]"),
    ("090-1234-5678", "[phone]"),
    ("13812345678", "[phone]"),
    ("8 (912) 345-67-89", "[phone]"),
    ("(11) 91234-5678", "[phone]"),
    ("98765 43210", "[phone]"),
    ("98765 43210(555) 123-4567", "[phone][phone]"),
    ("Tel: 555-1234", "Tel: [phone]"),
    ("my phone is 5551234567", "my phone is [phone]"),
    ("+49 171 1234567 1234567890", "[phone] 1234567890"),
    ("4111 1111 1111 1111", "[card]"),
    ("4111111111111111 exp 12/27", "[card] exp 12/27"),
    ("4111-1111-1111-1111 123", "[card]"),
    ("378282246310005 and 3782 822463 10005", "[card] and [card]"),
    ("cvv 123", "cvv [secret]"),
    ("DE89 3704 0044 0532 0130 00 bitte", "[iban] bitte"),
    ("gb82west12345698765432", "[iban]"),
    ("BE68 5390 0754 7034 is mine", "[iban] is mine"),
    ("http://192.168.1.17:8080/x", "http://[ip]:8080/x"),
    ("2001:0db8:85a3:0000:0000:8a2e:0370:7334 fe80::1ff:fe23:4567:890a", "[ip] [ip]"),
    ("gsk_abcdefghijklmnop1234567890ABCDEFGH", "[key]"),
    ("hf_AbCdEfGhIjKlMnOp1234567890", "[key]"),
    ("sk-proj-abc123def456ghi789jkl012", "[key]"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[key]"),
    ("AKIAIOSFODNN7EXAMPLE", "[key]"),
    ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[key]"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "[key]"),
    ("Authorization: Bearer abcdef1234567890", "Authorization: Bearer [key]"),
    ("Authorization: Basic dXNlcjpwYXNzd29yZDE=", "Authorization: Basic [key]"),
    ("d41d8cd98f00b204e9800998ecf8427e", "[key]"),
    ("123e4567-e89b-12d3-a456-426614174000", "[key]"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- thanks", "[key] thanks"),
    ("-----BEGIN PRIVATE KEY-----\nMIIE", "[key]"),
    ("password=hunter2, ok", "password=[secret], ok"),
    ("my password is hunter2!", "my password is [secret]!"),
    ('DB_PASSWORD="a b c"', 'DB_PASSWORD="[secret]"'),
    ("Passwort: geheim", "Passwort: [secret]"),
    ("пароль: qwerty", "пароль: [secret]"),
    ("密码\uff1aqwerty", "密码\uff1a[secret]"),
    ("PIN: 1234", "PIN: [secret]"),
    ('{"api_key": "abc123def456"}', '{"api_key": "[secret]"}'),
    ("curl --password hunter2", "curl --password [secret]"),
    ("token=abc", "token=[secret]"),
    ("key=abc12345", "key=[secret]"),
]

KEPT = [
    "in 1999 and 2024, or 2023/2024, or 2024-2025",
    "1920x1080 and 512 x 768",
    "2024-01-02 10:20:30 and 01.02.2024 12:30 and 01/02/2024",
    "call me on 01.02.2024",
    "version 1.2.3.4, v10.0.0.1",
    "3.14159265358979 and 0.0000001",
    "what is 123456789 * 987654321",
    "12345678901234 + 5",
    "2+30000000 or 5 +12345678",
    "is 13812345679 * 2 even, or 13812345679.5, or 9 x 13812345679",
    "1,234,567.89 or 1 234 567 890",
    "100 200 3000 and 1 2 3 4 5 6 7 8 9 10",
    "2024 2025 2026 2027",
    "01101000 01101001 0101 0101 0101",
    "all of 0123456789",
    "2**64 = 18446744073709551616",
    "1700000000 or 1700000000000",
    "ISBN 978-3-16-148410-0",
    "4111 1111 1111 1112",
    "DE00 3704 0044 0532 0130 00",
    "std::vector<int> a::b, at 12:30:45, 16:9:4",
    "999.1.1.1",
    "the key: be patient",
    "my password is wrong, the secret is out",
    "sorted(names, key=len), max(d, key = d.get)",
    "token = get_token(), if password == stored, secret=None",
    "the pin is 12, spin: 1234",
    "a basic understanding of bearer authentication",
    "risk-assessment-2024-report, task-1234567890abcdef, hf_hub_download",
    "ASIA-PACIFIC2020REPORT",
    "icon@2x.png @user react@18.2.0",
    "AbstractSingletonProxyFactoryBean2ConfigurationManager",
    "/usr/local/lib/python3.11/site-packages/numpy/core/include",
    "https://example.com/a/b#part",
    "call 100000 times, phone 15 pro",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_hides(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize("text", KEPT)
def test_leaves(text: str) -> None:
    assert redacted(text) == text


# A key without an end is hidden up to the end of the text.
@pytest.mark.parametrize(("text", "shown"), [one for one in HIDDEN if not one[0].endswith("MIIE")])
def test_hides_it_inside_other_text_too(text: str, shown: str) -> None:
    assert redacted(f"Moin, {text}\nand now draw a fox") == f"Moin, {shown}\nand now draw a fox"


PIECES = st.sampled_from([part for text, _ in HIDDEN for part in (text, text[: len(text) // 2], text[1:])] + KEPT)
SIGNS = st.sampled_from(["", " ", "\n", ".", "-", ":", "=", "@", "/", "0", "+", "[", "]", '"', "é", "\ud800", "🙂"])


@given(st.lists(PIECES | SIGNS | st.text(max_size=5), max_size=8).map("".join))
def test_twice_is_the_same_as_once(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once


@given(st.text())
def test_takes_any_text(text: str) -> None:
    redacted(text).encode()


def test_ordinary_messages_stay_as_they_are() -> None:
    if not MESSAGES.exists():
        pytest.skip("the labelled messages are not here")
    texts = [json.loads(line)["text"] for line in MESSAGES.read_text().splitlines()]
    changed = sum(redacted(text) != text for text in texts)
    share = changed / len(texts)
    assert share < 0.01, f"{changed} of {len(texts)} messages are changed, {share:.2%}"


# Each would take minutes with an engine that goes back, or in a loop that reads on to the end from every place.
@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1 ", "12 ", ":", "@", "a@", "a@b.co ", "password=", "a://", "-----BEGIN PRIVATE KEY-----", "+1", "(0",
     "DE89 3704 ", "eyJ", "phone 1", "1.1.1.1", "1::1 ", "aB1", "a.", "[", "--token ", '"', "is "],
)  # fmt: skip
def test_a_long_text_is_read_in_one_go(piece: str) -> None:
    text = piece * (LONG // len(piece))
    assert len(redacted(text)) <= 2 * len(text)


def test_every_expression_is_one_that_re2_runs() -> None:
    assert all(compiled(kind.regex) for kind in KINDS)
