"""What every namespace has from the start: an account, and the authority to check the API server by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.housekeeping.authority import certificate
from aiops.lab.kube.objects import Key, annotations_of, deleting, key_of, with_annotations
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

ROOT_CA = "kube-root-ca.crt"
_DESCRIPTION = "kubernetes.io/description"
_TEXT = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)


class _PerNamespace(Controller):
    """Looks after one object of a fixed name in each namespace. Its keys are the namespaces'."""

    kind = ""
    name = ""

    def __init__(self, store: ObjectStore) -> None:
        self.hears = ("Namespace", self.kind)
        self._store = store
        self._client = ControllerClient(store)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Namespace" and write.type != "DELETED" and not deleting(write.new):
            yield key_of(write.new)
        elif write.kind == self.kind and write.new["metadata"]["name"] == self.name:
            yield "", write.new["metadata"]["namespace"]

    def sync(self, key: Key) -> float | None:
        namespace = self._store.find("Namespace", *key)
        if namespace is None or deleting(namespace):
            return None
        found = self._store.find(self.kind, key[1], self.name)
        if found is None:
            metadata: dict[str, Any] = {"name": self.name, "namespace": key[1]}
            if annotations := self.annotations():
                metadata["annotations"] = annotations
            self._client.create({"apiVersion": "v1", "kind": self.kind, "metadata": metadata, **self.content()})
        else:
            self._restore(found)
        return None

    def content(self) -> dict[str, Any]:
        return {}

    def annotations(self) -> dict[str, str]:
        return {}

    def _restore(self, found: Manifest) -> None:
        """Put right what somebody changed."""


class DefaultAccounts(_PerNamespace):
    """The service account `default`; made again when somebody deletes it."""

    account = "service-account-controller"
    kind, name = "ServiceAccount", "default"


class RootAuthority(_PerNamespace):
    """The ConfigMap with the cluster's authority; put right when somebody changes it."""

    account = "root-ca-cert-publisher"
    kind, name = "ConfigMap", ROOT_CA

    @cached_property
    def _data(self) -> dict[str, str]:
        return {"ca.crt": certificate(self._store.secret, self._store.now())}

    def content(self) -> dict[str, Any]:
        return {"data": self._data}

    def annotations(self) -> dict[str, str]:
        return {_DESCRIPTION: _TEXT}

    def _restore(self, found: Manifest) -> None:
        if found.get("data") != self._data or not annotations_of(found).get(_DESCRIPTION):
            self._client.update({**with_annotations(found, self.annotations()), "data": self._data})
