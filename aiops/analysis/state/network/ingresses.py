"""What Ingresses send to, and who carries them out."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState, template_labels
from aiops.core.entity import Entity, Manifest

NAME_LABEL = "app.kubernetes.io/name"


def ingress_backends(ingress: Manifest) -> list[tuple[str, Manifest]]:
    """(path of the field, `service` of the backend) of everything that an Ingress sends to."""
    spec = ingress.get("spec", {})
    found = [("spec.defaultBackend", (spec.get("defaultBackend") or {}).get("service"))]
    for number, rule in enumerate(spec.get("rules") or []):
        for index, path in enumerate((rule.get("http") or {}).get("paths") or []):
            found.append((f"spec.rules[{number}].http.paths[{index}].backend", path["backend"].get("service")))
    return [(field, service) for field, service in found if service]


def ingress_services(ingress: Manifest) -> list[str]:
    """The Services that an Ingress sends to, each once."""
    return list(dict.fromkeys(service["name"] for _, service in ingress_backends(ingress)))


def gateways(state: ClusterState, ingress: Entity) -> list[Entity]:
    """The workloads that carry out an Ingress, by the well-known name label of their charts and the Ingress' class.

    Anybody can label a pod: where workloads of several namespaces say that they do, none is believed.
    """
    spec = (state.find(ingress.kind, ingress.namespace, ingress.name) or {}).get("spec", {})
    words = ("ingress", spec.get("ingressClassName") or "")
    names = {Entity.of(w): template_labels(w).get(NAME_LABEL, "") for w in state.workloads()}
    found = [entity for entity, name in names.items() if all(word in name for word in words)]
    return found if len({entity.namespace for entity in found}) == 1 else []
