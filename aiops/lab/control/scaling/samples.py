"""What pods use, as the resource metrics API says, and which pods count."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.kube.objects import condition, deleting, labels_of
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.store import ObjectStore

INITIALISATION, READINESS_DELAY = 300.0, 30.0
"""Seconds after its start in which a pod's CPU is not trusted while it is not ready, and in which it may turn ready for
the first time (`--horizontal-pod-autoscaler-cpu-initialization-period`, `--...-initial-readiness-delay`)."""


class NoMetricsError(Exception):
    """A metric can't be had; the text says why, as the controller words it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One pod's use in thousandths of its unit, when it was measured (unix seconds) and over how many seconds."""

    value: int
    at: float
    window: float


@dataclass(slots=True)
class Groups:
    """The target's pods by what their samples are good for."""

    ready: int
    unready: list[str]
    missing: list[str]
    ignored: list[str]


def resource_samples(
    store: ObjectStore, namespace: str, selector: Manifest, resource: str, container: str = ""
) -> dict[str, Sample]:
    """Samples by pod. Raises `NoMetricsError`."""
    if store.catalog.at("metrics.k8s.io", "v1beta1", "pods") is None:
        why = "the server could not find the requested resource (get pods.metrics.k8s.io)"
        raise NoMetricsError(f"unable to fetch metrics from resource metrics API: {why}")
    items = [item for item in store.objects("PodMetrics", namespace) if matches_selector(selector, labels_of(item))]
    if not items:
        raise NoMetricsError("no metrics returned from resource metrics API")
    found = {}
    for item in items:
        used = [c["usage"].get(resource) for c in item["containers"] if not container or c["name"] == container]
        if used and all(text is not None for text in used):
            total = sum(milli(text) for text in used)
            window = float(str(item["window"]).rstrip("s"))
            found[item["metadata"]["name"]] = Sample(total, from_rfc3339(item["timestamp"]), window)
    return found


def milli(quantity: str | int | float) -> int:
    return ceil(parse_quantity(quantity) * 1000 - 1e-6)


def group(pods: list[Manifest], samples: dict[str, Sample], resource: str, now: float) -> Groups:
    """As `groupPods`: pods that go are ignored, pending ones are not ready, and CPU while starting is not trusted."""
    groups = Groups(0, [], [], [])
    for pod in pods:
        name, phase = pod["metadata"]["name"], (pod.get("status") or {}).get("phase")
        if deleting(pod) or phase == "Failed":
            groups.ignored.append(name)
        elif phase == "Pending":
            groups.unready.append(name)
        elif name not in samples:
            groups.missing.append(name)
        elif resource == "cpu" and _untrusted(pod, samples[name], now):
            groups.unready.append(name)
        else:
            groups.ready += 1
    return groups


def _untrusted(pod: Manifest, sample: Sample, now: float) -> bool:
    entry, started = condition(pod, "Ready"), (pod.get("status") or {}).get("startTime")
    if entry is None or not started:
        return True
    known = entry.get("lastTransitionTime")
    since, changed = from_rfc3339(started), from_rfc3339(known) if known else 0.0
    unready = entry["status"] == "False"
    if since + INITIALISATION > now:
        return unready or sample.at < changed + sample.window
    return unready and since + READINESS_DELAY > changed


def requests_of(pods: list[Manifest], resource: str, container: str = "") -> dict[str, int]:
    """What each pod asks for, in thousandths. Raises `NoMetricsError` where a container asks for nothing."""
    found = {}
    for pod in pods:
        spec, name = pod["spec"], pod["metadata"]["name"]
        own = (spec.get("resources") or {}).get("requests") or {}
        if own and not container and resource in own:
            found[name] = milli(own[resource])
            continue
        sidecars = [c for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"]
        total = 0
        for each in [*spec["containers"], *sidecars]:
            if container and each["name"] != container:
                continue
            asked = ((each.get("resources") or {}).get("requests") or {}).get(resource)
            if asked is None:
                raise NoMetricsError(f"missing request for {resource} in container {each['name']} of Pod {name}")
            total += milli(asked)
        found[name] = total
    return found
