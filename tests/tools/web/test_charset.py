"""Pages in the encodings of the web, declared in a header, by themselves, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tools.web.charset import decoded, known

TEXT = "Grüße, привет, 你好"


@pytest.mark.parametrize(
    ("body", "told", "text"),
    [
        ("Grüße".encode(), "", "Grüße"),
        ("Grüße".encode("latin-1"), "", "Grüße"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("“quoted”".encode("cp1252"), "ISO-8859-1", "“quoted”"),
        ("привет".encode("koi8-r"), "KOI8-R", "привет"),
        ("привет".encode("cp1251"), "windows-1251", "привет"),
        ("你好".encode("gb18030"), "GB2312", "你好"),
        ("日本".encode("shift_jis"), "Shift_JIS", "日本"),
        ("한국".encode("euc_kr"), "euc-kr", "한국"),
        (TEXT.encode("utf-8-sig"), "iso-8859-1", TEXT),
        (TEXT.encode("utf-16"), "", TEXT),
        (b'<meta charset="windows-1251">' + "привет".encode("cp1251"), "", '<meta charset="windows-1251">привет'),
        (b"<?xml encoding='koi8-r'?>" + "да".encode("koi8-r"), "", "<?xml encoding='koi8-r'?>да"),
        ("Grüße".encode(), "no-such-encoding", "Grüße"),
        (TEXT.encode()[:-1], "", f"{TEXT[:-1]}\ufffd"),  # cut in the middle of a character
    ],
)
def test_decoded(body: bytes, told: str, text: str) -> None:
    assert decoded(body, told) == text


@pytest.mark.parametrize("label", ["hex", "zip", "rot13", "idna", "punycode", "unicode_escape", "utf-7", "x\0y", "é"])
def test_what_is_no_encoding_of_the_web_is_not_used(label: str) -> None:
    assert known(label) == ""
    assert decoded(b"plain", label) == "plain"


@given(st.binary(max_size=300), st.text(max_size=20))
def test_anything_can_be_decoded(body: bytes, told: str) -> None:
    assert isinstance(decoded(body, told), str)
