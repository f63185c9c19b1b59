"""The rules for a pod's spec, in a Pod or in a template (`ValidatePodSpec`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.addresses import ip
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label, dns_subdomain, in_range, label_key
from aiops.lab.kube.kinds.checks.labels import annotation_map, label_map
from aiops.lab.kube.kinds.podspec.affinity import affinity, tolerations, topology_spread
from aiops.lab.kube.kinds.podspec.containers import (
    Surroundings,
    containers,
    ephemeral_containers,
    init_containers,
)
from aiops.lab.kube.kinds.podspec.resources import resource_requirements
from aiops.lab.kube.kinds.podspec.security import pod_security
from aiops.lab.kube.kinds.podspec.volumes import volumes

Spec = dict[str, Any]

_RESTARTS = ("Always", "OnFailure", "Never")
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_LONGEST = 2**31 - 1
_MOST_NAMESERVERS, _MOST_SEARCHES = 3, 32


def pod_template(template: Spec | None, path: str) -> Iterator[Cause]:
    """A PodTemplateSpec."""
    metadata = (template or {}).get("metadata") or {}
    spec = (template or {}).get("spec") or {}
    yield from label_map(metadata.get("labels"), f"{path}.labels")
    yield from annotation_map(metadata.get("annotations"), f"{path}.annotations")
    yield from pod_spec(spec, f"{path}.spec")
    if spec.get("ephemeralContainers"):
        yield forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")


def pod_spec(spec: Spec, path: str, *, pod: bool = False, name: str = "") -> Iterator[Cause]:
    """Every wrong field. `pod`: this is a Pod and no template; `name` is the pod's."""
    usable: dict[str, Spec] = {}
    yield from volumes(spec.get("volumes") or [], f"{path}.volumes", name, usable)
    system = (spec.get("os") or {}).get("name", "")
    around = Surroundings(usable, spec.get("terminationGracePeriodSeconds"), system, spec.get("restartPolicy", ""), pod)
    regular, init = spec.get("containers") or [], spec.get("initContainers") or []
    yield from containers(regular, f"{path}.containers", around)
    yield from init_containers(init, regular, f"{path}.initContainers", around)
    if extra := spec.get("ephemeralContainers"):
        yield from ephemeral_containers(extra, [*regular, *init], f"{path}.ephemeralContainers", around)
    if spec.get("resources"):
        yield from resource_requirements(spec["resources"], f"{path}.resources", whole_pod=True)
    if spec.get("hostNetwork"):
        yield from _host_network(regular, f"{path}.containers", pod)
    yield from _policies(spec, path)
    yield from _placement(spec, path)
    yield from _names(spec, path)


def _host_network(items: list[Spec], path: str, pod: bool) -> Iterator[Cause]:
    for index, item in enumerate(items):
        for number, port in enumerate(item.get("ports") or ()):
            given = port.get("hostPort", 0)
            if (pod or given) and given != port.get("containerPort", 0):
                where = f"{path}[{index}].ports[{number}].hostPort"
                yield invalid_value(where, given, "must match `containerPort` when `hostNetwork` is true")


def _policies(spec: Spec, path: str) -> Iterator[Cause]:
    if spec.get("restartPolicy") not in _RESTARTS:
        yield not_supported(f"{path}.restartPolicy", spec.get("restartPolicy"), _RESTARTS)
    if spec.get("dnsPolicy") not in _DNS:
        yield not_supported(f"{path}.dnsPolicy", spec.get("dnsPolicy"), _DNS)
    yield from label_map(spec.get("nodeSelector"), f"{path}.nodeSelector")
    if spec.get("securityContext") is not None:
        yield from pod_security(spec["securityContext"], spec, f"{path}.securityContext")


def _placement(spec: Spec, path: str) -> Iterator[Cause]:
    if spec.get("affinity"):
        yield from affinity(spec["affinity"], f"{path}.affinity")
    yield from _dns(spec.get("dnsConfig"), spec.get("dnsPolicy"), f"{path}.dnsConfig")
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        for why in label_key(gate.get("conditionType", "")):
            yield invalid_value(f"{path}.readinessGates[{index}].conditionType", gate.get("conditionType", ""), why)
    seen: set[str] = set()
    for index, gate in enumerate(spec.get("schedulingGates") or ()):
        where, gate_name = f"{path}.schedulingGates[{index}]", gate.get("name", "")
        for why in label_key(gate_name):
            yield invalid_value(where, gate_name, why)
        if gate_name in seen:
            yield duplicate(where, gate_name)
        seen.add(gate_name)
    if spec.get("topologySpreadConstraints"):
        yield from topology_spread(spec["topologySpreadConstraints"], f"{path}.topologySpreadConstraints")


def _dns(config: Spec | None, policy: str | None, path: str) -> Iterator[Cause]:
    if policy == "None" and config is None:
        yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
        return
    servers, searches = (config or {}).get("nameservers") or [], (config or {}).get("searches") or []
    if policy == "None" and not servers:
        yield required(f"{path}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None")
        return
    if len(servers) > _MOST_NAMESERVERS:
        why = f"must not have more than {_MOST_NAMESERVERS} nameservers"
        yield invalid_value(f"{path}.nameservers", servers, why)
    for index, server in enumerate(servers):
        yield from ip(server, f"{path}.nameservers[{index}]")
    if len(searches) > _MOST_SEARCHES:
        yield invalid_value(f"{path}.searches", searches, f"must not have more than {_MOST_SEARCHES} search paths")


def _names(spec: Spec, path: str) -> Iterator[Cause]:
    yield from _named(spec, "serviceAccountName", path, dns_subdomain)
    yield from _named(spec, "nodeName", path, dns_subdomain)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _LONGEST:
        yield invalid_value(f"{path}.activeDeadlineSeconds", deadline, in_range(1, _LONGEST))
    yield from _named(spec, "hostname", path, dns_label)
    yield from _named(spec, "subdomain", path, dns_label)
    if spec.get("tolerations"):
        yield from tolerations(spec["tolerations"], f"{path}.tolerations")
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        yield from ip(alias.get("ip", ""), f"{path}.hostAliases[{index}].ip")
        for number, host in enumerate(alias.get("hostnames") or ()):
            for why in dns_subdomain(host):
                yield invalid_value(f"{path}.hostAliases[{index}].hostnames[{number}]", host, why)
    yield from _named(spec, "priorityClassName", path, dns_subdomain)
    yield from _named(spec, "runtimeClassName", path, dns_subdomain)
    policy = spec.get("preemptionPolicy")
    if policy is not None and policy not in ("PreemptLowerPriority", "Never"):
        yield not_supported(f"{path}.preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))
    if "os" in spec:
        yield from _system(spec["os"].get("name", ""), f"{path}.os.name")


def _named(spec: Spec, field: str, path: str, check: Any) -> Iterator[Cause]:
    value = spec.get(field)
    if value:
        for why in check(value):
            yield invalid_value(f"{path}.{field}", value, why)


def _system(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path, "cannot be empty")
    elif name not in ("linux", "windows"):
        yield not_supported(path, name, ("linux", "windows"))
