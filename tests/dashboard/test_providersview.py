"""The providers: what is left of their quota, whether servers answer, which tools are there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pointsman.config.model import Config
from pointsman.core.category import Catalogue, Category
from pointsman.core.plan import Abilities
from pointsman.dashboard import providersview
from pointsman.dashboard.reachable import Reached, Server

LIMIT = {"unit": "requests", "per": "day", "left": 250.0, "limit": 1000.0, "full_in": 7200.0, "calls": 250}
TOKENS = {"unit": "tokens", "per": "minute", "left": 400.0, "limit": 8000.0, "full_in": 40.0, "calls": 1}
MODEL = {
    "model": "gpt-oss-20b",
    "ready": True,
    "state": "ready",
    "limits": [LIMIT, TOKENS],
    "calls": 750,
    "p50": 0.31,
    "p95": 1.2,
}


@dataclass(frozen=True)
class Stands:
    """A service's standing."""

    service: str = "groq"
    local: bool = False
    ready: bool = True
    state: str = "ready"
    calls_left: int | None = 250
    estimated: bool = False
    per: str = "day"
    sent_today: int = 750
    more: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"models": [MODEL], "calls": 750, "faults": {"rate_limited": 2}, **self.more}


def test_quota_is_shown_in_calls_with_what_stopped_a_service(page: Page, site: Any) -> None:
    stopped = Stands(
        "cloudflare", ready=False, state="key refused: set it anew", calls_left=0, more={"models": [], "cure": "set it"}
    )
    site.clouds.found = [Stands(), stopped]
    page.goto(f"{site.url}/providers")
    groq = page.get_by_role("article").filter(has_text="1. groq")
    expect(groq).to_contain_text("250 left today · 750 sent today · outside this machine")
    expect(groq.get_by_role("img", name="250 of 1,000 requests left")).to_be_visible()
    expect(groq).to_contain_text("250 of 1,000 left, all of it in 2 h")
    expect(groq).to_contain_text("400 of 8,000 left ≈ 1 call, all of it in 40 s")
    expect(groq).to_contain_text("750 calls in 24 h · p50 310 ms, p95 1.2 s")
    expect(groq).to_contain_text("of 750 calls in 24 h failed: 2 rate limited")
    other = page.get_by_role("article").filter(has_text="2. cloudflare")
    expect(other.locator(".pm-state-bad")).to_have_text("key refused: set it anew")
    expect(other.locator(".pm-cure")).to_have_text("set it")


def test_without_a_service_it_says_how_one_is_asked(page: Page, site: Any) -> None:
    page.goto(f"{site.url}/providers")
    expect(page.get_by_text(providersview.NOBODY)).to_be_visible()
    servers = page.get_by_role("region", name="Servers of models and pictures").first
    expect(servers.get_by_role("row", name=re.compile("ComfyUI"))).to_contain_text("8188")
    expect(page.get_by_text(providersview.NO_TOOLS)).to_be_visible()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (Config(), "asked by the tier cloud"),
        (Config.model_validate({"cloud": {"enabled": False}}), "cloud.enabled is false"),
        (Config.model_validate({"tiers": [{"kind": "fast"}]}), "`- kind: cloud` is missing"),
    ],
)
def test_which_tier_asks(config: Config, said: str) -> None:
    assert said in providersview.asked_by(config)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Reached(Server("Ollama", "http://a", "x"), said="version 1"), 'pm-state-good">version 1<'),
        (Reached(Server("Ollama", "http://a", "x"), problem="<b>", cure="start it"), "&lt;b&gt;"),
        (Reached(Server("OpenAI API", "http://far", "x")), "not asked from here"),
        (Reached(Server("X", "http://me:pass@far/v1", "x")), 'pm-address">http://far/v1<'),
    ],
)
def test_how_a_server_answered(found: Reached, said: str) -> None:
    html = providersview.reached([found])
    assert said in html
    assert "pass" not in html


def test_tools_say_where_they_are_used_and_why_they_are_missing() -> None:
    catalogue = Catalogue([Category("web_search", "", "llm+tools", tools=("web",))])
    html = providersview.tools(Abilities(tools={"web": "", "code": "pip install it"}), catalogue)
    assert ">web search<" in html
    assert "not set up: pip install it" in html


def test_no_servers_is_said() -> None:
    assert providersview.NO_SERVERS in providersview.reached([])
