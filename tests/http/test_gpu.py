"""GET /v1/gpu and POST /v1/gpu/free."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pointsman.core.errors import NoRoom, PointsmanError
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow
from pointsman.http.app import named_error
from pointsman.http.gpu import CardOwner, add_gpu_routes

CARD = CardNow("gpu0", "Fake", 24, 1, 2, 10, 9, 3, "nvml", 0.5, "a game 3 GB")
TENANT = TenantNow("ollama:x", "resident", "gpu0", "ctx=1", 9, 7, None, 0, 1, True, 0.0)
WISH = WishNow(1, "image", "comfyui:y", "interactive", 1.5, 9.0, "ollama:x is in use")


class Owner:
    def __init__(self, *tenants: TenantNow, fails: PointsmanError | None = None) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.tenants = tenants
        self.fails = fails

    def snapshot(self) -> Snapshot:
        return Snapshot((CARD,), self.tenants, (WISH,))

    async def free(self, tenant: str = "", *, deep: bool = True) -> int:
        self.asked.append((tenant, deep))
        if self.fails:
            raise self.fails
        return 5


def client(owner: CardOwner | None) -> TestClient:
    app = FastAPI()
    app.add_exception_handler(PointsmanError, named_error)  # type: ignore[arg-type]
    add_gpu_routes(app, lambda: owner)
    return TestClient(app)


def test_it_tells_all_that_the_owner_knows() -> None:
    owner = Owner(TENANT)
    said = client(owner).get("/v1/gpu").json()
    assert said == json.loads(json.dumps({"managed": True, **owner.snapshot().to_dict()}))


def test_without_an_owner_nothing_is_booked_and_nothing_given_back() -> None:
    gateway = client(None)
    assert gateway.get("/v1/gpu").json() == {"managed": False, "cards": [], "tenants": [], "queue": []}
    assert gateway.post("/v1/gpu/free").json() == {"managed": False, "freed": 0, "still": []}


def test_freeing_says_what_was_seen_to_come_free_and_what_is_left() -> None:
    owner = Owner(TENANT, replace(TENANT, name="ollama:z", phase="cold"), replace(TENANT, name="comfyui:y"))
    assert client(owner).post("/v1/gpu/free").json() == {
        "managed": True,
        "freed": 5,
        "still": ["ollama:x", "comfyui:y"],
    }
    said = client(owner).post("/v1/gpu/free", json={"tenant": "comfyui:y", "deep": False}).json()
    assert said["still"] == ["comfyui:y"]
    assert owner.asked == [("", True), ("comfyui:y", False)]


@pytest.mark.parametrize("body", [{"tenant": 3}, {"tenant": None}, {"deep": "yes"}, {"tenant": "x" * 301}])
def test_a_wrong_field_is_named_and_nothing_is_freed(body: dict[str, Any]) -> None:
    owner = Owner(TENANT)
    refused = client(owner).post("/v1/gpu/free", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == next(iter(body))
    assert owner.asked == []


@pytest.mark.parametrize("body", [b"[]", b"{", b"null"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    owner = Owner(TENANT)
    assert client(owner).post("/v1/gpu/free", content=body).status_code == 400
    assert owner.asked == []


def test_an_error_of_the_owner_reaches_the_caller() -> None:
    refused = client(Owner(fails=NoRoom("nothing can be released now"))).post("/v1/gpu/free")
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "no_room"


def test_both_stand_in_the_openapi_description() -> None:
    paths = client(None).get("/openapi.json").json()["paths"]
    assert "get" in paths["/v1/gpu"]
    schema = paths["/v1/gpu/free"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {"tenant", "deep"}
