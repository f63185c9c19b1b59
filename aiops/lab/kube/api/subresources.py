"""Subresources that are more than a part of their object: logs, scale, eviction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.lab.kube.errors import bad_request, too_many_requests
from aiops.lab.kube.selectors import matches_selector

LogReader = Callable[[str, float | None, int | None], list[tuple[float, str]]]
"""(container id, since, tail) -> (unix seconds, line); `Runtime.logs`."""


def scale_of(workload: Manifest) -> Manifest:
    """The Scale object of a workload."""
    spec, metadata = workload["spec"], workload["metadata"]
    labels = (spec.get("selector") or {}).get("matchLabels") or {}
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: metadata[field] for field in kept},
        "spec": {"replicas": spec.get("replicas", 1)},
        "status": {
            "replicas": workload.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


def with_scale(workload: Manifest, scale: Manifest) -> Manifest:
    """The workload with the replicas of a Scale object, to be written at the Scale's revision. Raises 400."""
    if not all(isinstance(scale.get(part) or {}, dict) for part in ("metadata", "spec")):
        raise bad_request("metadata and spec of a Scale must be objects")
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    metadata = {**workload["metadata"]}
    if revision := (scale.get("metadata") or {}).get("resourceVersion"):
        metadata["resourceVersion"] = revision
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise bad_request(f"spec.replicas: not a number: {replicas!r}")
    return {**workload, "metadata": metadata, "spec": {**workload["spec"], "replicas": replicas}}


def read_log(pod: Manifest, query: Mapping[str, str], logs: LogReader, now: float) -> str:
    """The text of `pods/log`. Raises 400 for a container that is unknown, not started or not named among several."""
    name = _container(pod, query.get("container", ""))
    previous = query.get("previous") in ("1", "true")
    container_id = _container_id(pod, name, previous)
    since = _since(query, now)
    tail = _number(query, "tailLines")
    stamped = query.get("timestamps") in ("1", "true")
    lines = logs(container_id, since, tail)
    return "".join(f"{rfc3339(at, micro=True) + ' ' if stamped else ''}{line}\n" for at, line in lines)


def _container(pod: Manifest, wanted: str) -> str:
    name = pod["metadata"]["name"]
    names = [c["name"] for field in ("containers", "initContainers") for c in pod["spec"].get(field) or ()]
    if wanted:
        if wanted not in names:
            raise bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(pod["spec"]["containers"]) > 1:
        choose = " ".join(c["name"] for c in pod["spec"]["containers"])
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{choose}]")
    return str(names[0])


def _container_id(pod: Manifest, name: str, previous: bool) -> str:
    status = pod.get("status", {})
    entries = [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]
    entry: dict[str, Any] = next((item for item in entries if item["name"] == name), {})
    where = f'container "{name}" in pod "{pod["metadata"]["name"]}"'
    last = entry.get("lastState", {}).get("terminated")
    if previous:
        if not last:
            raise bad_request(f"previous terminated {where} not found")
        return _runtime_id(last["containerID"])
    waiting = entry.get("state", {}).get("waiting")
    if waiting and not last:
        raise bad_request(f"{where} is waiting to start: {_why_waiting(waiting.get('reason', ''))}")
    if not entry.get("containerID"):
        raise bad_request(f"{where} is waiting to start: ContainerCreating")
    return _runtime_id(entry["containerID"])


def _why_waiting(reason: str) -> str:
    return "trying and failing to pull image" if reason in ("ErrImagePull", "ImagePullBackOff") else reason


def _runtime_id(text: str) -> str:
    return text.partition("://")[2] or text


def _since(query: Mapping[str, str], now: float) -> float | None:
    seconds, moment = _number(query, "sinceSeconds"), query.get("sinceTime")
    if seconds is not None and moment:
        raise bad_request("at most one of sinceTime or sinceSeconds may be specified")
    if seconds is not None:
        return now - seconds
    try:
        return from_rfc3339(moment) if moment else None
    except InvalidInputError as error:
        raise bad_request(f"sinceTime: {error}") from error


def _number(query: Mapping[str, str], field: str) -> int | None:
    text = query.get(field)
    if not text:
        return None
    if not text.lstrip("-").isdecimal() or int(text) < 0:
        raise bad_request(f"{field}: must be a number, not negative: {text!r}")
    return int(text)


def check_eviction(pod: Manifest, budgets: list[Manifest]) -> None:
    """Refuse an eviction that a PodDisruptionBudget forbids. Raises 429."""
    labels = pod["metadata"].get("labels") or {}
    for budget in budgets:
        selector = budget["spec"].get("selector")
        if selector and matches_selector(selector, labels):
            allowed = budget.get("status", {}).get("disruptionsAllowed", 0)
            if allowed < 1:
                raise too_many_requests("Cannot evict pod as it would violate the pod's disruption budget.")
