"""Where addresses lead: what is refused without a look at the network, and what because of what a name stands for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pointsman.core.errors import ToolFailed
from pointsman.testing.website import Names
from pointsman.tools.web.addresses import is_public
from pointsman.tools.web.target import PORTS, Target, parsed, target_of

# Each of them leads, or may lead, into somebody's own network.
REFUSED = (
    # IPv4
    "http://127.0.0.1/",
    "http://127.1.2.3/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.254/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/v2/credentials",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/metadata",
    "http://192.0.0.192/opc/v2/instance/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    # the same in other digits
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://10.1/",
    "http://127.0.0.1./",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/",
    # IPv6
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::127.0.0.1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:c0a8:101::1]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    # names
    "http://localhost/",
    "http://LOCALHOST./",
    "http://router/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://localtest.me/",
    "http://127.0.0.1.nip.io/",
    "http://mixed.example/",
    "http://six.example/",
    "http://nothing.example/",
    # whatever else an address may hold
    "file:///etc/passwd",
    "ftp://example.org/",
    "gopher://example.org:70/_x",
    "data:text/html,hello",
    "javascript:alert(1)",
    "http:///etc/passwd",
    "http://",
    "//example.org/",
    "/etc/passwd",
    "http://user@example.org/",
    "http://user:password@example.org/",
    "http://example.org@127.0.0.1/",
    "http://127.0.0.1#@example.org/",
    "http://127.0.0.1\\@example.org/",
    "http://example.org:22/",
    "http://example.org:6379/",
    "http://example.org:11434/",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://exa mple.org/",
    "http://exam\nple.org/",
    "http://example.org%00.internal/",
    "http://-x-.example.org:80/",
    f"http://{'a' * 64}.example.org/",
    f"http://{'a.' * 130}org/",
)


def names() -> Names:
    found = Names()
    found.add("example.org", ["93.184.215.14"])
    found.add("metadata.google.internal", ["169.254.169.254"])
    found.add("localtest.me", ["127.0.0.1"])
    found.add("127.0.0.1.nip.io", ["127.0.0.1"])
    found.add("mixed.example", ["93.184.215.14", "10.0.0.5"])
    found.add("six.example", ["2606:4700::1", "::ffff:10.0.0.5"])
    found.add("nothing.example", [])
    return found


async def target(url: str, resolve: Names | None = None) -> Target:
    return await target_of(parsed(url, PORTS), resolve=resolve or names(), allowed=is_public)


def test_forty_are_demanded() -> None:
    assert len(set(REFUSED)) >= 40


@pytest.mark.parametrize("url", REFUSED)
async def test_refused(url: str) -> None:
    with pytest.raises(ToolFailed) as refused:
        await target(url)
    assert refused.value.cure
    # What a private name stands for is nobody's business.
    assert "10.0.0.5" not in str(refused.value)


@pytest.mark.parametrize("url", [it for it in REFUSED if "example" not in it and "me" not in it and "nip" not in it])
async def test_a_numeric_address_is_not_looked_up(url: str) -> None:
    asked = names()
    with pytest.raises(ToolFailed):
        await target(url, asked)
    assert asked.asked == []


@pytest.mark.parametrize(
    ("url", "sent", "addresses"),
    [
        ("http://example.org", "http://example.org", ("93.184.215.14",)),
        ("https://EXAMPLE.org./a?b=c#d", "https://example.org/a?b=c", ("93.184.215.14",)),
        (" https://example.org:8443/a%20b ", "https://example.org:8443/a%20b", ("93.184.215.14",)),
        ("http://93.184.215.14/", "http://93.184.215.14/", ("93.184.215.14",)),
        ("http://[2606:4700::1]:8080/", "http://[2606:4700::1]:8080/", ("2606:4700::1",)),
    ],
)
async def test_followed(url: str, sent: str, addresses: Sequence[str]) -> None:
    found = await target(url)
    assert (str(found.url), found.addresses) == (sent, addresses)


async def test_a_name_in_other_letters_is_looked_up_as_it_is_sent() -> None:
    asked = Names()
    asked.add("xn--bcher-kva.example", ["93.184.215.14"])
    found = await target("https://bücher.example/", asked)
    assert found.url.raw_host == "xn--bcher-kva.example"
    assert asked.asked == ["xn--bcher-kva.example"]


async def test_a_name_that_is_not_there_is_said() -> None:
    with pytest.raises(ToolFailed, match=r"no server called gone\.example"):
        await target("https://gone.example/")
