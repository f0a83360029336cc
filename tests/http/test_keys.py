"""Keys are found by digests of one length, compared with all of them, and what they open is theirs alone."""

from __future__ import annotations

import hmac

import pytest
from pydantic import SecretStr

from pointsman.config.server import Key, Server
from pointsman.core.access import SCOPES, Bearer
from pointsman.http.keys import Keys


def named(keys: Keys, given: str) -> str | None:
    found = keys.bearer(keys.digest(given))
    return None if found is None else found.name


def test_every_key_is_known_by_its_name_and_opens_what_is_its_own() -> None:
    phone = Key(key=SecretStr("thyme"), scopes=("use", "read"))
    keys = Keys.of(Server(key=SecretStr("sesame"), keys={"phone": phone}))
    assert keys.locked
    assert keys.bearer(keys.digest("sesame")) == Bearer("main", SCOPES)
    assert keys.bearer(keys.digest("thyme")) == Bearer("phone", frozenset({"use", "read"}))
    assert [named(keys, it) for it in ("", "sesam", "sesame ", "SESAME", "thyme\0", "clé", "\ud800")] == [None] * 7


def test_without_keys_nothing_is_locked_and_nothing_is_a_key() -> None:
    keys = Keys.of(Server())
    assert not keys.locked
    assert named(keys, "") is None


@pytest.mark.parametrize("given", ["first", "last", "none of them", "", "x" * 5_000])
def test_a_key_is_compared_with_all_of_them_whichever_it_is(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    keys = Keys({name: (name, frozenset({"use"})) for name in ("first", "middle", "last")})
    truly = hmac.compare_digest
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return truly(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    keys.bearer(keys.digest(given))
    assert len(compared) == 3
    assert {len(part) for pair in compared for part in pair} == {32}


def test_what_is_kept_is_not_the_key_and_differs_from_process_to_process() -> None:
    keys, others = Keys({"a": ("sesame", frozenset({"use"}))}), Keys()
    assert keys.digest("sesame") != others.digest("sesame")
    assert "sesame" not in repr(vars(keys))


def test_other_keys_take_the_place_of_all() -> None:
    keys = Keys({"a": ("sesame", frozenset({"use"}))})
    keys.become({"b": ("thyme", frozenset({"read"}))})
    assert (named(keys, "sesame"), named(keys, "thyme")) == (None, "b")
    keys.become({})
    assert not keys.locked
