"""What opens doors: passwords that are called so, keys by their prefixes, long runs that only a machine writes."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from pointsman.tiers.redaction.found import Hidden, before, digits_in

SPOKEN_NAMES: Final = (
    "pass(?:word|wd|phrase|code)|pwd|passwort|kennwort|wachtwoord|contrase(?:ñ|n)a|mot de passe|senha|hasło|пароль"
    "|密码|密碼|パスワード|비밀번호"
)
KEY_NAMES: Final = "(?:(?:api|access|private|client|auth|secret)[ _-]?){0,2}(?:key|token|secret)|secret"
CODE_NAMES: Final = "pin|cvv|cvc"
NAMES: Final = f"{SPOKEN_NAMES}|{KEY_NAMES}|{CODE_NAMES}"
VALUE: Final = r"""(?:"[^"\n]+"|'[^'\n]+'|[^\s"'&,;<>]+)"""
COLONS: Final = (":", "\uff1a")  # the wide one stands behind Chinese and Japanese words
SIGNS: Final = "".join(COLONS) + "=\uff1d"
IS: Final = rf"""["']?\s{{0,3}}(?:=>|[{SIGNS}])\s{{0,3}}|\s{{1,3}}is\s{{1,3}}(?:now |still |just )?"""
ASSIGNMENT: Final = rf"""(?i)(?:{NAMES})(?:{IS}){VALUE}|--(?:{NAMES})\s{{1,3}}{VALUE}"""
PARTS: Final = re.compile(rf"(?is)(--)?({NAMES})((?:{IS})|(?<=[a-z])\s{{1,3}})(.+)")
PASSWORD: Final = re.compile(f"(?i){SPOKEN_NAMES}")
CODE: Final = re.compile(f"(?i){CODE_NAMES}")
SHORT: Final = re.compile(f"(?i){CODE_NAMES}|key")  # also the ends of other words: spin, monkey
# Programs name passwords too: a call, an element, a variable of the shell, nothing.
PROGRAM: Final = re.compile(r"(?i)[a-z_.]+[(\[]|[$%{]|(?:none|null|nil|true|false|undefined|str|string|int)\b|=")

CARD_CODE: Final = r"(?i)\bcv[vc]2?\s{1,3}\d{3,4}\b"

AUTHORIZATION: Final = r"(?i)\b(?:bearer|basic)\s{1,3}[A-Za-z0-9._~+/=-]{8,}"

KEY: Final = (
    r"(?:gsk_|hf_|sk-(?:proj-|ant-|or-)?|[spr]k_(?:live|test)_|gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|xapp-|npm_"
    r"|nvapi-|pypi-|r8_|ya29\.|SG\.|AIza|AKIA|ASIA|eyJ)[A-Za-z0-9._~+/=-]{10,}"
)
KEY_NEEDS: Final = (
    *(b"sk", b"hf_", b"pk_", b"rk_", b"gh", b"gl", b"xox", b"xapp", b"npm_", b"nvapi", b"pypi", b"r8_", b"ya29"),
    *(b"SG.", b"AIza", b"AKIA", b"ASIA", b"eyJ"),
)
LEAST_RUN: Final = 20
MOST_RUN: Final = 400  # of a longer one, the beginning tells
HEXADECIMAL: Final = frozenset(b"0123456789abcdef")
# A word changes between lower case, upper case and digits once or twice; a run that a machine drew at random does at
# more than every second place.
LEAST_CHANGES: Final = 0.3


def assigned(data: bytes, start: int, end: int) -> Hidden | None:
    """A value that is called a password, a key, a token or a PIN."""
    parts = PARTS.fullmatch(data[start:end].decode())
    if parts is None:
        return None
    option, name, sign, value = parts.groups()
    quote = value[0] if value[0] in "\"'" else ""
    bare = value.strip(quote) if quote else value.rstrip(".!?:)}")
    if not bare or bare.startswith("[") or (not (quote or option) and PROGRAM.match(bare)):
        return None
    if not is_secret(name, sign.strip().lower(), bare) or (SHORT.fullmatch(name) and before(data, start).isalnum()):
        return None
    rest = value[len(bare) + len(quote) :]
    return Hidden(end, f"{option or ''}{name}{sign}{quote}[secret]{rest}".encode())


def is_secret(name: str, sign: str, value: str) -> bool:
    """Whether a value is secret, by what it is called, the sign between the two, and what it looks like."""
    if CODE.fullmatch(name):
        return value.isdecimal() and 3 <= len(value) <= 8
    numbered = any(map(str.isdigit, value))
    odd = numbered or any(not letter.isalnum() for letter in value.strip("-_'\u2019"))
    if sign.startswith("is"):  # "my password is wrong"
        return odd and len(value) >= 4
    if name.lower() == "key":  # sorted(names, key=len)
        return numbered and len(value) >= 8
    if sign.endswith(COLONS) and not PASSWORD.fullmatch(name):  # "the secret: be patient"
        return odd and len(value) >= 8
    return True


def card_code(data: bytes, start: int, end: int) -> Hidden:
    """The digits from the back of a card."""
    return Hidden(end, data[start:end].split()[0] + b" [secret]")


def authorization(data: bytes, start: int, end: int) -> Hidden | None:
    """The credential of an Authorization header; no sentence about bearers."""
    kind, given = data[start:end].split(None, 1)
    mixed = given != given.lower() and given[1:] != given[1:].lower()
    return Hidden(end, kind + b" [key]") if digits_in(given) or (mixed and len(given) >= LEAST_RUN) else None


def key(data: bytes, start: int, end: int) -> Hidden | None:
    """A key that shows by its prefix whose it is."""
    piece = data[start:end].rstrip(b".=-")
    runs = re.findall(rb"[A-Za-z0-9]+", piece)
    if before(data, start).isalnum() or not digits_in(piece) or max(map(len, runs)) < 10:
        return None
    if piece[:4] in {b"AKIA", b"ASIA"} and (len(piece) != 20 or piece != piece.upper()):
        return None
    return Hidden(start + len(piece), b"[key]")


def random_run(data: bytes, start: int, end: int) -> Hidden | None:
    """Hexadecimal digits, or letters and digits as random as only a machine writes them, many in a row."""
    runs = [run for run in re.split(rb"[+/_=-]+", data[start : min(end, start + MOST_RUN)]) if run]
    longest = max(runs, key=len, default=b"")
    hexadecimal = len(longest) >= 32 and not set(longest.lower()) - HEXADECIMAL
    if (
        (hexadecimal and not longest.isdigit() and digits_in(longest))
        or is_random(longest)
        or is_random(b"".join(runs))
    ):
        return Hidden(end, b"[key]")
    return None


def is_random(run: bytes) -> bool:
    """Whether letters and digits follow each other as at random."""
    kinds = [byte_kind(byte) for byte in run]
    changes = sum(one != other for one, other in pairwise(kinds))
    return len(run) >= LEAST_RUN and bool(digits_in(run)) and changes >= LEAST_CHANGES * len(run)


def byte_kind(byte: int) -> int:
    """0 for a digit, 1 for upper case, 2 for lower case."""
    return 0 if byte <= 57 else 1 if byte <= 90 else 2
