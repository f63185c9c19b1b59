"""The tokens controller: fills `kubernetes.io/service-account-token` Secrets, which end with their account."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.housekeeping.namespace_contents import ROOT_CA
from aiops.lab.kube.access.tokens import TokenIssuer
from aiops.lab.kube.access.user import User, component
from aiops.lab.kube.objects import Key, annotations_of, deleting, key_of, uid_of, with_annotations
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

TYPE = "kubernetes.io/service-account-token"
ACCOUNT_NAME, ACCOUNT_UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


class AccountTokens(Controller):
    """Looks after Secrets with a token. Its keys are theirs."""

    hears = ("Secret", "ServiceAccount", "ConfigMap")

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._client = ControllerClient(store)

    def user(self, _key: Key) -> User:
        return component("kube-controller-manager")

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Secret" and write.type != "DELETED" and write.new.get("type") == TYPE:
            yield key_of(write.new)
        elif write.type == "MODIFIED":
            return
        elif write.kind == "ServiceAccount":
            for secret in self._secrets(write.new["metadata"]["namespace"]):
                if annotations_of(secret).get(ACCOUNT_NAME) == write.new["metadata"]["name"]:
                    yield key_of(secret)
        elif write.kind == "ConfigMap" and write.new["metadata"]["name"] == ROOT_CA:
            yield from map(key_of, self._secrets(write.new["metadata"]["namespace"]))

    def _secrets(self, namespace: str) -> list[Manifest]:
        return [secret for secret in self._store.objects("Secret", namespace) if secret.get("type") == TYPE]

    def sync(self, key: Key) -> float | None:
        secret = self._store.find("Secret", *key)
        if secret is None or deleting(secret):
            return None
        account = self._account(secret)
        if account is None:
            self._client.delete("Secret", key)
        else:
            self._fill(secret, account)
        return None

    def _account(self, secret: Manifest) -> Manifest | None:
        """The account that the Secret names, unless it is another one of that name by now."""
        told = annotations_of(secret)
        found = self._store.find("ServiceAccount", secret["metadata"]["namespace"], told.get(ACCOUNT_NAME, ""))
        return found if found is not None and told.get(ACCOUNT_UID) in (None, "", uid_of(found)) else None

    def _fill(self, secret: Manifest, account: Manifest) -> None:
        """Put in what is missing, once the namespace has the cluster's authority."""
        data, namespace = dict(secret.get("data") or {}), secret["metadata"]["namespace"]
        root = self._store.find("ConfigMap", namespace, ROOT_CA)
        if root is None:
            return
        authority = _encoded(root["data"]["ca.crt"])
        if data.get("ca.crt") == authority and data.get("namespace") and data.get("token"):
            return
        data["ca.crt"] = authority
        data["namespace"] = data.get("namespace") or _encoded(namespace)
        data["token"] = data.get("token") or _encoded(TokenIssuer(self._store).issue_lasting(account, secret))
        told = {ACCOUNT_NAME: account["metadata"]["name"], ACCOUNT_UID: uid_of(account)}
        self._client.update({**with_annotations(secret, told), "data": data})


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
