"""Namespaces."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import invalid_value, not_supported
from aiops.lab.kube.kinds.checks.formats import dns_label, label_key
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

_NAME = "kubernetes.io/metadata.name"
_KUBERNETES = "kubernetes"
_ORPHAN = "orphan"


@rules("Namespace")
class NamespaceRules(Rules):
    """As the registry's `namespaceStrategy`: a label with the name, a finalizer in the spec."""

    name_format = staticmethod(dns_label)

    def default(self, new: Manifest) -> None:
        new.setdefault("spec", {})
        if new["metadata"].get("name"):
            new["metadata"].setdefault("labels", {})[_NAME] = new["metadata"]["name"]

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["metadata"].setdefault("labels", {})[_NAME] = new["metadata"]["name"]
        new["status"] = {"phase": "Active"}
        finalizers = new["spec"].setdefault("finalizers", [])
        if _KUBERNETES not in finalizers:
            finalizers.append(_KUBERNETES)

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        new["spec"] = old.get("spec", {})

    def validate(self, new: Manifest) -> Iterator[Cause]:
        for name in new["spec"].get("finalizers") or ():
            yield from _finalizer(name)


def _finalizer(name: str) -> Iterator[Cause]:
    for why in label_key(name):
        yield invalid_value("spec.finalizers", name, why)
    if "/" not in name and name not in (_KUBERNETES, _ORPHAN):
        yield not_supported("spec.finalizers", name, (_KUBERNETES, _ORPHAN))
