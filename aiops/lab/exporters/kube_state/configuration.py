"""kube-state-metrics of namespaces, ConfigMaps, Secrets, service accounts, webhooks and signing requests."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import created

_PHASES = ("Active", "Terminating")
_DECISIONS = {"approved": "Approved", "denied": "Denied"}


def namespace_metrics(namespace: Manifest) -> Iterator[Metric]:
    """`kube_namespace_*` of one namespace."""
    labels = {"namespace": namespace["metadata"]["name"]}
    yield from created("namespace", labels, namespace)
    for phase in _PHASES:
        value = float((namespace.get("status") or {}).get("phase", "Active") == phase)
        yield "kube_namespace_status_phase", {**labels, "phase": phase}, value


def configmap_metrics(configmap: Manifest) -> Iterator[Metric]:
    """`kube_configmap_*` of one ConfigMap."""
    labels = _labels(configmap, "configmap")
    yield "kube_configmap_info", labels, 1.0
    yield from created("configmap", labels, configmap)
    yield "kube_configmap_metadata_resource_version", labels, _version(configmap)


def secret_metrics(secret: Manifest) -> Iterator[Metric]:
    """`kube_secret_*` of one Secret; nothing of what is in it."""
    labels = _labels(secret, "secret")
    yield "kube_secret_info", labels, 1.0
    yield "kube_secret_type", {**labels, "type": secret.get("type", "Opaque")}, 1.0
    yield from created("secret", labels, secret)
    yield "kube_secret_metadata_resource_version", labels, _version(secret)


def account_metrics(account: Manifest) -> Iterator[Metric]:
    """`kube_serviceaccount_*` of one service account."""
    labels = {**_labels(account, "serviceaccount"), "uid": account["metadata"].get("uid", "")}
    automount = account.get("automountServiceAccountToken", True)
    yield "kube_serviceaccount_info", {**labels, "automount_token": str(automount).lower()}, 1.0
    yield from created("serviceaccount", labels, account)


def validating_webhook_metrics(configuration: Manifest) -> Iterator[Metric]:
    """`kube_validatingwebhookconfiguration_*` of one configuration."""
    yield from _webhooks("validatingwebhookconfiguration", configuration)


def mutating_webhook_metrics(configuration: Manifest) -> Iterator[Metric]:
    """`kube_mutatingwebhookconfiguration_*` of one configuration."""
    yield from _webhooks("mutatingwebhookconfiguration", configuration)


def _webhooks(kind: str, configuration: Manifest) -> Iterator[Metric]:
    labels = {kind: configuration["metadata"]["name"]}
    yield f"kube_{kind}_info", labels, 1.0
    yield from created(kind, labels, configuration)
    yield f"kube_{kind}_metadata_resource_version", labels, _version(configuration)
    for webhook in configuration.get("webhooks") or ():
        service = (webhook.get("clientConfig") or {}).get("service")
        if service:
            place = {"service_name": service["name"], "service_namespace": service["namespace"]}
            yield f"kube_{kind}_webhook_clientconfig_service", {**labels, "webhook_name": webhook["name"], **place}, 1.0


def signing_request_metrics(request: Manifest) -> Iterator[Metric]:
    """`kube_certificatesigningrequest_*` of one request."""
    spec, status = request.get("spec") or {}, request.get("status") or {}
    labels = {
        "certificatesigningrequest": request["metadata"]["name"],
        "signer_name": spec.get("signerName", ""),
    }
    yield from created("certificatesigningrequest", labels, request)
    decided = {condition["type"] for condition in status.get("conditions") or ()}
    for shown, condition in _DECISIONS.items():
        value = float(condition in decided)
        yield "kube_certificatesigningrequest_condition", {**labels, "condition": shown}, value


def _labels(manifest: Manifest, kind: str) -> dict[str, str]:
    return {"namespace": manifest["metadata"]["namespace"], kind: manifest["metadata"]["name"]}


def _version(manifest: Manifest) -> float:
    return float(manifest["metadata"].get("resourceVersion") or 0)
