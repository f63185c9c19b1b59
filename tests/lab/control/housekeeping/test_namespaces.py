"""What a namespace has from the start, and how it ends."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from aiops.lab.kube.objects import annotations_of


def _conditions(lab: Any, name: str) -> dict[str, tuple[str, str]]:
    entries = lab.store.get("Namespace", "", name)["status"].get("conditions") or ()
    return {entry["type"]: (entry["status"], entry["message"]) for entry in entries}


def test_every_namespace_has_an_account_and_the_authority(lab: Any, make_lab: Any) -> None:
    lab.settle()
    config = lab.store.get("ConfigMap", "default", "kube-root-ca.crt")
    assert annotations_of(config)["kubernetes.io/description"].startswith("Contains a CA bundle")
    authority = x509.load_pem_x509_certificate(config["data"]["ca.crt"].encode())
    authority.verify_directly_issued_by(authority)
    other = make_lab()
    other.settle()
    assert other.store.get("ConfigMap", "kube-system", "kube-root-ca.crt")["data"] == config["data"]


def test_what_somebody_takes_away_or_changes_is_put_right(lab: Any) -> None:
    lab.settle()
    authority = lab.store.get("ConfigMap", "default", "kube-root-ca.crt")["data"]
    lab.edit("ConfigMap", "kube-root-ca.crt", lambda item: item.update(data={"ca.crt": "mine"}))
    lab.store.delete("ServiceAccount", "default", "default")
    lab.settle()
    assert lab.store.get("ConfigMap", "default", "kube-root-ca.crt")["data"] == authority
    assert lab.store.find("ServiceAccount", "default", "default") is not None


def test_pods_go_before_what_they_may_need(lab: Any) -> None:
    lab.create("v1", "Namespace", "shop")
    pod = {"metadata": {"name": "p", "namespace": "shop"}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}
    config = {"metadata": {"name": "c", "namespace": "shop"}}
    lab.settle()
    lab.store.create({"apiVersion": "v1", "kind": "Pod", **pod}, manager="test")
    lab.store.create({"apiVersion": "v1", "kind": "ConfigMap", **config}, manager="test")
    lab.settle()
    lab.store.delete("Namespace", "", "shop")
    seen = []
    for _ in range(8):
        lab.ticks()
        left = [kind for kind in ("Pod", "ConfigMap") if lab.store.find(kind, "shop", "p" if kind == "Pod" else "c")]
        if left not in seen:
            seen.append(left)
    assert seen == [["Pod", "ConfigMap"], ["ConfigMap"], []] or seen == [["Pod", "ConfigMap"], []]
    assert lab.store.find("Namespace", "", "shop") is None


def test_a_finalizer_holds_it_up_and_it_says_so(lab: Any) -> None:
    lab.create("v1", "Namespace", "shop")
    held = {"name": "held", "namespace": "shop", "finalizers": ["example.com/keep"]}
    lab.store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": held}, manager="test")
    lab.settle()
    lab.store.delete("Namespace", "", "shop")
    lab.ticks(4)
    told = _conditions(lab, "shop")
    remaining = "Some resources are remaining: configmaps. has 1 resource instances"
    assert told["NamespaceContentRemaining"] == ("True", remaining)
    text = "Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances"
    assert told["NamespaceFinalizersRemaining"] == ("True", text)
    assert told["NamespaceDeletionContentFailure"][0] == "False"
    lab.edit("ConfigMap", "held", lambda item: item["metadata"].pop("finalizers"), namespace="shop")
    lab.ticks(6)
    assert lab.store.find("Namespace", "", "shop") is None
