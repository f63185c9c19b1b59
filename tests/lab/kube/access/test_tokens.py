"""Tokens of service accounts: who gets which, and how long they last."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.access.signing import Signer, private_key
from aiops.lab.kube.access.tokens import AUDIENCE, LEEWAY, InvalidTokenError, TokenIssuer

ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/robot"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
POD = {"kind": "Pod", "apiVersion": "v1", "name": "p"}


@pytest.fixture
def robot(store: ObjectStore) -> Manifest:
    metadata = {"name": "robot"}
    return store.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, manager="m")


async def _token(api: Any, **spec: Any) -> str:
    status, body = await api("POST", f"{ACCOUNT}/token", {"spec": spec})
    assert status == 201, body
    token: str = body["status"]["token"]
    return token


async def _who(api: Any, token: str) -> tuple[int, Any]:
    status, body = await api.as_user(token)("POST", WHO, {})
    return status, body.get("status", {}).get("userInfo") if status == 201 else body["reason"]


async def test_a_token_stands_for_its_account_until_it_expires(api: Any, store: ObjectStore, robot: Manifest) -> None:
    token = await _token(api, expirationSeconds=600)
    status, user = await _who(api, token)
    assert (status, user["username"], user["uid"]) == (
        201,
        "system:serviceaccount:default:robot",
        robot["metadata"]["uid"],
    )
    store.now.now += 600 + LEEWAY  # type: ignore[attr-defined]
    assert (await _who(api, token))[0] == 201
    store.now.now += 1  # type: ignore[attr-defined]
    assert await _who(api, token) == (401, "Unauthorized")


async def test_it_ends_with_its_account(api: Any, store: ObjectStore, robot: Manifest) -> None:
    token = await _token(api)
    store.delete("ServiceAccount", "default", "robot")
    assert (await _who(api, token))[0] == 401
    store.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}, manager="m")
    assert (await _who(api, token))[0] == 401
    with pytest.raises(InvalidTokenError, match="does not match claim"):
        TokenIssuer(store).identify(token)


async def test_it_ends_with_the_pod_that_it_is_bound_to(api: Any, store: ObjectStore, robot: Manifest) -> None:
    spec = {"serviceAccountName": "robot", "containers": [{"name": "a", "image": "i"}]}
    store.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}, manager="m")
    token = await _token(api, boundObjectRef=POD)
    _, user = await _who(api, token)
    assert user["extra"]["authentication.kubernetes.io/pod-name"] == ["p"]
    store.delete("Pod", "default", "p")
    assert (await _who(api, token))[0] == 401


async def test_a_token_for_others_is_none_for_the_api_server(api: Any, store: ObjectStore, robot: Manifest) -> None:
    token = await _token(api, audiences=["vault"])
    assert (await _who(api, token))[0] == 401
    identity = TokenIssuer(store).identify(token)
    assert identity is not None
    assert identity.audiences == ("vault",)
    assert AUDIENCE not in identity.audiences


@pytest.mark.parametrize("change", [lambda t: t[:-2] + "AA", lambda t: t.replace(".", "x", 1), lambda t: "a.b.c"])
async def test_a_changed_token_is_none(api: Any, robot: Manifest, change: Any) -> None:
    assert (await _who(api, change(await _token(api))))[0] == 401


def test_equal_secrets_sign_equally() -> None:
    one, two = (Signer(private_key(b"secret", "tokens")) for _ in range(2))
    claims = {"sub": "a", "n": 1}
    assert one.sign(claims) == two.sign(claims)
    assert one.read(two.sign(claims)) == claims
    assert Signer(private_key(b"secret", "other")).read(one.sign(claims)) is None
