"""Where a pod's resources are not those of the template that it was made of, and what shaped them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiops.analysis.selectors import matches
from aiops.analysis.state.cluster import ClusterState, container_of, pod_template
from aiops.analysis.state.owners import controller
from aiops.analysis.state.placing.asking import amount
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

PARTS = ("limits", "requests")
ALONE, SEVERAL = 0.93, 0.5
"""How far a difference convinces of a webhook: the only one that sees such pods, or one of several."""


@dataclass(frozen=True, slots=True)
class Override:
    """`part` (limits or requests) of a resource of a container: what the template says (None: nothing) and what the
    pod has."""

    container: str
    part: str
    resource: str
    asked: str | None
    given: str


def overrides(state: ClusterState, pod: Manifest) -> list[Override]:
    """Every limit and request of a pod that is not its template's. A request that follows from a limit is none."""
    template = made_from(state, pod)
    if template is None:
        return []
    return [found for c in pod["spec"].get("containers") or () for found in _of_container(template, c)]


def made_from(state: ClusterState, pod: Manifest) -> Manifest | None:
    """The template of the object that made a pod, as it is now; of a ReplicaSet it never changes."""
    owner = controller(pod)
    if owner is None:
        return None
    maker = state.find(owner[0], pod["metadata"].get("namespace", ""), owner[1])
    return pod_template(maker) if maker is not None else None


def _of_container(template: Manifest, container: Manifest) -> Iterator[Override]:
    written = container_of(template, container["name"])
    if written is None:
        return
    asked, given = written.get("resources") or {}, container.get("resources") or {}
    for part in PARTS:
        for resource, value in (given.get(part) or {}).items():
            meant = (asked.get(part) or {}).get(resource)
            follows = part == "requests" and meant is None and value == (given.get("limits") or {}).get(resource)
            if not follows and (meant is None or amount(meant) != amount(value)):
                yield Override(container["name"], part, resource, meant, str(value))


def shapers(state: ClusterState, pod: Manifest, override: Override) -> list[Hypothesis]:
    """What gave a pod this value: the default of a limit range where the template says nothing, else a webhook."""
    namespace = pod["metadata"].get("namespace", "")
    default = "default" if override.part == "limits" else "defaultRequest"
    found = []
    for item in state.of("LimitRange", namespace) if override.asked is None else ():
        for limit in item["spec"].get("limits") or ():
            value = (limit.get(default) or {}).get(override.resource)
            if limit.get("type") == "Container" and value is not None and amount(value) == amount(override.given):
                field = f"spec.limits[Container].{default}"
                found.append(_hypothesis(Entity.of(item), Mechanism.RESOURCE_LIMIT_RANGE, ALONE, field))
    return found or mutators(state, pod)


def shaped_by(state: ClusterState, subject: Entity) -> list[Entity]:
    """The workloads with pods that got a value from this object."""
    found = []
    for workload in state.workloads():
        entity = Entity.of(workload)
        for pod in state.pods_of(entity):
            if any(h.subject == subject for one in overrides(state, pod) for h in shapers(state, pod, one)):
                found.append(entity)
                break
    return found


def mutators(state: ClusterState, pod: Manifest) -> list[Hypothesis]:
    """The mutating webhooks that are asked about pods like this one."""
    seen = [
        Entity.of(item)
        for item in state.of("MutatingWebhookConfiguration")
        if any(is_asked(state, hook, pod) for hook in item.get("webhooks") or ())
    ]
    strength = ALONE if len(seen) == 1 else SEVERAL
    return [_hypothesis(one, Mechanism.RESOURCE_MUTATED, strength, None) for one in seen]


def is_asked(state: ClusterState, hook: Manifest, pod: Manifest) -> bool:
    """Is a webhook asked when such a pod is created?"""
    rules = hook.get("rules") or ()
    pods = any(
        {"pods", "*", "*/*"} & set(rule.get("resources") or ()) and {"CREATE", "*"} & set(rule.get("operations") or ())
        for rule in rules
    )
    labels = dict(state.namespace_labels().get(pod["metadata"].get("namespace", ""), {}))
    inside = hook.get("namespaceSelector") is None or matches(hook["namespaceSelector"], labels)
    chosen = hook.get("objectSelector") is None or matches(hook["objectSelector"], pod["metadata"].get("labels") or {})
    return pods and inside and chosen


def _hypothesis(subject: Entity, mechanism: Mechanism, strength: float, field: str | None) -> Hypothesis:
    return Hypothesis(subject=subject, mechanism=mechanism, strength=strength, field=field)
