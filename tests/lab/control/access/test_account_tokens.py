"""Secrets with the token of an account: filled, of use, and gone with their account."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from aiops.lab.kube.access.tokens import TokenIssuer

TYPE = "kubernetes.io/service-account-token"


def _make(lab: Any, account: str = "robot") -> None:
    lab.create("v1", "ServiceAccount", "robot")
    metadata = {"name": "key", "annotations": {"kubernetes.io/service-account.name": account}}
    lab.store.create({"apiVersion": "v1", "kind": "Secret", "type": TYPE, "metadata": metadata}, manager="test")
    lab.settle()


def _token(lab: Any) -> str:
    return b64decode(lab.store.get("Secret", "default", "key")["data"]["token"]).decode()


def test_a_secret_is_filled_with_a_token_that_signs_in(lab: Any) -> None:
    _make(lab)
    secret = lab.store.get("Secret", "default", "key")
    assert list(secret["data"]) == ["ca.crt", "namespace", "token"]
    root = lab.store.get("ConfigMap", "default", "kube-root-ca.crt")["data"]["ca.crt"]
    assert b64decode(secret["data"]["ca.crt"]).decode() == root
    uid = lab.store.get("ServiceAccount", "default", "robot")["metadata"]["uid"]
    assert secret["metadata"]["annotations"]["kubernetes.io/service-account.uid"] == uid
    user = TokenIssuer(lab.store).user(_token(lab))
    assert user is not None
    assert user.name == "system:serviceaccount:default:robot"
    assert "system:serviceaccounts:default" in user.groups


def test_a_token_ends_with_its_secret(lab: Any) -> None:
    _make(lab)
    token = _token(lab)
    lab.edit("Secret", "key", lambda secret: secret["data"].pop("token"))
    lab.settle()
    assert TokenIssuer(lab.store).user(_token(lab)) is not None
    lab.store.delete("Secret", "default", "key")
    assert TokenIssuer(lab.store).user(token) is None


def test_a_secret_goes_with_its_account(lab: Any) -> None:
    _make(lab)
    lab.store.delete("ServiceAccount", "default", "robot")
    lab.settle()
    assert lab.store.find("Secret", "default", "key") is None


def test_a_secret_of_nobody_goes_at_once(lab: Any) -> None:
    _make(lab, "nobody")
    assert lab.store.find("Secret", "default", "key") is None
