"""Where a webhook is: at a URL, or at a service of the cluster, for which programs in the lab register a handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Cluster
from aiops.lab.kube.admission.webhooks.review import CallFailedError

Handler = Callable[[dict[str, Any]], dict[str, Any]]
"""Answers an AdmissionReview with another."""

Handlers = dict[tuple[str, str, str], Handler]
"""By namespace, name and path (`/validate`) of a service."""


def address(config: Mapping[str, Any], timeout: int) -> str:
    """The URL of a webhook, as the API server calls it."""
    service = config.get("service")
    if service:
        host = f"{service['name']}.{service['namespace']}.svc:{service.get('port') or 443}"
        url = f"https://{host}{_path(service)}"
    else:
        url = str(config.get("url", ""))
    return f"{url}{'&' if '?' in url else '?'}timeout={timeout}s"


def handler_of(handlers: Handlers, service: Mapping[str, Any]) -> Handler | None:
    return handlers.get((service["namespace"], service["name"], _path(service)))


def unreachable(cluster: Cluster, service: Mapping[str, Any], url: str) -> CallFailedError:
    """Why a service without a handler does not answer."""
    namespace, name = service["namespace"], service["name"]
    found = cluster.find("Service", namespace, name)
    port = service.get("port") or 443
    if found is None:
        why = f'service "{name}" not found'
    elif not any(item["port"] == port for item in found["spec"].get("ports") or ()):
        why = f'no service port {port} found for service "{name}"'
    elif not _has_endpoints(cluster, namespace, name):
        why = f'no endpoints available for service "{name}"'
    else:
        why = f"dial tcp {found['spec'].get('clusterIP', '')}:{port}: connect: connection refused"
    return CallFailedError(f'failed to call webhook: Post "{url}": {why}')


def _path(service: Mapping[str, Any]) -> str:
    path = str(service.get("path") or "")
    return path if path.startswith("/") else f"/{path}"


def _has_endpoints(cluster: Cluster, namespace: str, name: str) -> bool:
    found: Manifest | None = cluster.find("Endpoints", namespace, name)
    return found is not None and any(subset.get("addresses") for subset in found.get("subsets") or ())
