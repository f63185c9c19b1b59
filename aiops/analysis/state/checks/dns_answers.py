"""A rule of the cluster's DNS that gives the name of a Service another answer, while calls to that name fail."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.calls.error_kinds import ErrorKind, kind_of
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.analysis.state.network.corefile import NameRule, cluster_zones, name_rules
from aiops.analysis.state.network.dns import dns_workload
from aiops.analysis.state.network.failing_calls import called_service, described, edge_of, failing_calls
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.wellknown import SYSTEM_NAMESPACE

ZONE = "cluster.local"
"""The cluster's domain where its DNS names no other."""

NOT_FOUND = "404"
"""The answer of a server that is asked for what another one has."""


@check("dns-answers")
def dns_answers(state: ClusterState) -> Iterator[Finding]:
    """Rules of the Corefile that take the names of Services which callers do not reach, and a Corefile without the
    cluster's domain."""
    for config, key, text in _corefiles(state):
        zones = cluster_zones(text)
        entity = Entity.of(config)
        path = f"data.{key}" if "." not in key else f"data[{key}]"
        for rule in name_rules(text):
            failing = [call for call in _failing(state) if _names(state, call, zones, rule)]
            if failing:
                yield _finding(state, entity, path, f"has the rule `{rule.text}`", failing, 0.95)
        if ZONE not in zones and (failing := failing_calls(state, ErrorKind.NAME)):
            served = f"in {', '.join(zones)} only" if zones else "nowhere"
            yield _finding(state, entity, path, f"answers for Services {served}", failing, 0.7 if zones else 0.9)


def _failing(state: ClusterState) -> list[ObservedCall]:
    """The failing calls of which a wrong address may be the reason: an error of a server's own is none of them."""
    found = failing_calls(state)
    return [c for c in found if kind_of(c.error_type) is not ErrorKind.ANSWER or c.error_type == NOT_FOUND]


def _corefiles(state: ClusterState) -> Iterator[tuple[Manifest, str, str]]:
    """(ConfigMap, key, text) of what the DNS workload mounts; where that is not known, the usual one."""
    workload = dns_workload(state)
    spec = workload["spec"]["template"].get("spec", {}) if workload else {}
    mounted = [v["configMap"]["name"] for v in spec.get("volumes") or [] if v.get("configMap")]
    for name in mounted or ["coredns"]:
        config = state.find("ConfigMap", SYSTEM_NAMESPACE, name)
        for key, text in sorted(((config or {}).get("data") or {}).items()):
            if config is not None and isinstance(text, str):
                yield config, key, text


def _names(state: ClusterState, call: ObservedCall, zones: tuple[str, ...], rule: NameRule) -> bool:
    """Does a rule take one of the complete names that the caller's host may stand for?"""
    service = called_service(state, call)
    parts = call.host.rstrip(".").split(".")
    forms = {call.host.rstrip(".")}
    for zone in zones or (ZONE,):
        if service is not None:
            meta = service["metadata"]
            forms.add(f"{meta['name']}.{meta.get('namespace', '')}.svc.{zone}")
        elif len(parts) == 1:
            forms.add(f"{parts[0]}.{call.source.namespace}.svc.{zone}")
    return any(rule.meets(form) for form in forms)


def _finding(
    state: ClusterState, config: Entity, path: str, what: str, failing: list[ObservedCall], strength: float
) -> Finding:
    return Finding(
        subject=edge_of(state, failing[0]),
        seen_in=config,
        summary=f"{config} {what}, and calls by those names fail.",
        observed="; ".join(map(described, failing[:3])),
        score=0.9,
        suggests=blame(config, Mechanism.DNS_WRONG_ANSWER, strength, path),
    )
