"""A workload whose pods may send or receive only so many bytes a second, which may be too few."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, pod_template
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

ANNOTATIONS = ("kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth")

NEW, KNOWN = 0.7, 0.35
"""Strength where the revision before had another bound, and where it had the same."""


@check("bandwidth-bound")
def bandwidth_bound(state: ClusterState) -> Iterator[Finding]:
    """Workloads with a bound for the bytes of their pods, as the bandwidth plugin's annotations give it. Whether it is
    too low, what suffers has to tell."""
    for workload in state.workloads():
        entity = Entity.of(workload)
        annotations = _annotations(pod_template(workload))
        bounds = {name: annotations[name] for name in ANNOTATIONS if name in annotations}
        earlier = [_annotations(template) for template in state.templates(entity)[:1]]
        for name, bound in bounds.items():
            new = bool(earlier) and earlier[0].get(name) != bound
            yield Finding(
                subject=entity,
                seen_in=entity,
                summary=f"The pods of {entity} may carry no more than {bound} ({name}).",
                observed=f"{name}: {bound}" + (f"; before: {earlier[0].get(name)}" if new else ""),
                score=0.3,
                suggests=blame(
                    entity,
                    Mechanism.NETWORK_BANDWIDTH,
                    NEW if new else KNOWN,
                    f"spec.template.metadata.annotations[{name}]",
                ),
            )


def _annotations(template: Manifest) -> dict[str, str]:
    found: dict[str, str] = template.get("metadata", {}).get("annotations") or {}
    return found
