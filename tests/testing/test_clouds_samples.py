"""Every fake answers as the recorded service did: status, headers, structure of the body, words of errors."""
# ruff: noqa: ASYNC240 - nothing else waits while a test reads its sample

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from pointsman.testing.clouds import (
    FakeCloudflare,
    FakeGroq,
    FakeHuggingFace,
    FakeOllama,
    FakeOpenAi,
    FakeService,
    Trouble,
)

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "reference" / "samples"
KINDS = ("groq", "cloudflare", "huggingface", "ollama-openai")
FILES = sorted(path for kind in KINDS for path in (SAMPLES / kind).glob("*.json"))
# What only a state of the service or of the network brings about; it is set as a trouble. All others arise by asking.
SET = {
    "groq/bad_gateway_502_html",
    "groq/forbidden_403_network",
    "groq/malformed_200",
    "groq/over_capacity_503",
    "groq/prompt_guard_too_long",  # the sample leaves the text out
    "groq/quota_rpd",
    "groq/quota_tpd",
    "groq/rate_limit_otpm",
    "groq/rate_limit_rpm",
    "groq/rate_limit_tpm",
    "groq/request_too_large",  # the sample leaves the text out
    "groq/server_error_500",
    "cloudflare/capacity_3040",
    "cloudflare/clef_inference_failed_529",
    "cloudflare/clef_too_large_413",  # the sample leaves the text out
    "cloudflare/edge_html_522",
    "cloudflare/embed_context_exceeded_3030",  # the sample leaves the text out
    "cloudflare/forbidden_403_scope",
    "cloudflare/json_mode_not_met",
    "cloudflare/malformed_200_success_false",
    "cloudflare/quota_3036",
    "cloudflare/quota_4006",
    "cloudflare/server_error_500",
    "cloudflare/timeout_408_3007",
    "huggingface/cold_start_503",
    "huggingface/credits_402",
    "huggingface/gateway_timeout_504",
    "huggingface/input_too_long_413",  # the sample leaves the text out
    "huggingface/malformed_empty_list",
    "huggingface/model_deprecated_410",
    "huggingface/permission_403",
    "huggingface/rate_limit_429",
    "huggingface/server_error_500",
    "ollama-openai/cerebras_payment_402",
    "ollama-openai/gemini_quota_429",
    "ollama-openai/generic_malformed_200_text",
    "ollama-openai/generic_openai_429_quota",
    "ollama-openai/github_models_gone_410",
    "ollama-openai/mistral_429_empty",
    "ollama-openai/nim_model_gone_404",
    "ollama-openai/ollama_busy_503",
    "ollama-openai/ollama_cloud_subscription_403",
    "ollama-openai/openrouter_free_daily_429",
}
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|sample|\d{13}")


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def fake_for(name: str) -> FakeService:
    kind = name.partition("/")[0]
    if name == "groq/chat_label_outside_enum":
        return FakeGroq(decide=lambda _text, _options: "image generation")
    if name == "ollama-openai/openrouter_decision_success":
        return FakeOpenAi(
            key="sk-or-test",
            dialect="openrouter",
            decision_models=("inception/mercury-decide:free",),
            clock=lambda: 0.0,
        )
    if name == "huggingface/zero_shot_legacy_shape":
        return FakeHuggingFace(legacy=True)
    makers: dict[str, Callable[[], FakeService]] = {
        "groq": FakeGroq,
        "cloudflare": FakeCloudflare,
        "huggingface": lambda: FakeHuggingFace(chat_models=("openai/gpt-oss-20b",)),
        "ollama-openai": FakeOllama,
    }
    fake = makers[kind]()
    if isinstance(fake, FakeHuggingFace):
        fake.models["HuggingFaceH4/zephyr-7b-beta"] = "feature-extraction"  # it exists, and no provider chats with it
    return fake


def shape(value: Any) -> Any:
    """The structure of a JSON value: keys, kinds, and how long rows of numbers are."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        kinds = [shape(item) for item in value]
        return ["number", len(value)] if len(value) > 5 and set(map(str, kinds)) == {"number"} else kinds[:1]
    if isinstance(value, bool) or value is None:
        return value
    return "text" if isinstance(value, str) else "number"


@pytest.mark.skipif(not FILES, reason="the recorded exchanges are not here")
@pytest.mark.parametrize("path", FILES, ids=name_of)
async def test_a_fake_answers_as_the_recorded_service_did(path: Path) -> None:
    name, sample = name_of(path), json.loads(path.read_text())
    wanted, expected = sample["request"], sample["response"]
    headers = {"User-Agent": "pointsman/0.1", **wanted["headers"]}
    async with fake_for(name) as fake, aiohttp.ClientSession(headers=headers) as session:
        if name in SET:
            fake.troubles.set(Trouble("error", name=path.stem))
        root = fake.url.removesuffix(fake.base)
        async with session.request(wanted["method"], root + wanted["path"], json=wanted.get("json")) as response:
            body = await response.text()
        assert response.status == expected["status"], body
        kind = expected["headers"].get("content-type", "").partition(";")[0]
        assert response.headers.get("content-type", "").partition(";")[0] == kind
        missing = {header for header in expected["headers"] if header not in response.headers}
        assert not missing
        if expected["body"] is None or isinstance(expected["body"], str):
            assert body == (expected["body"] or "")
            return
        got = json.loads(body)
        assert shape(got) == shape(expected["body"])
        if expected["status"] >= 400:
            assert IDS.sub("", json.dumps(got, sort_keys=True)) == IDS.sub(
                "", json.dumps(expected["body"], sort_keys=True)
            )


@pytest.mark.skipif(not FILES, reason="the recorded exchanges are not here")
def test_all_that_is_set_is_recorded() -> None:
    assert set(map(name_of, FILES)) >= SET
    assert len(FILES) == 96
