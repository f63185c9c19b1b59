"""What only a kubelet writes, or the one that plays it: left out, because there kwok's word is not Kubernetes'."""

from __future__ import annotations

from typing import Any

WRITERS = frozenset({"kwok", "kubelet"})
"""Field managers and sources of events."""

_POD_STATUS = frozenset(
    {
        "containerStatuses",
        "ephemeralContainerStatuses",
        "hostIP",
        "hostIPs",
        "initContainerStatuses",
        "observedGeneration",
        "podIP",
        "podIPs",
        "startTime",
    }
)
_CONDITIONS = frozenset({"PodScheduled", "DisruptionTarget"})
"""A pod's conditions that others write."""

_NODE_STATUS = frozenset({"capacity", "allocatable"})
"""What is written with a node here; the rest of its status a kubelet reports."""

REASONS = frozenset({"BackOff", "Created", "Failed", "Killing", "Pulled", "Pulling", "Started", "Unhealthy"})
"""Why a kubelet writes events about pods."""

DESCRIBED = (
    "Container ID:",
    "Image ID:",
    "State:",
    "Last State:",
    "Started:",
    "Finished:",
    "Exit Code:",
    "Ready:",
    "Restart Count:",
    "IP:",
    "IPs:",
    "Start Time:",
    "Initialized ",
    "Ready ",
    "ContainersReady ",
    "PodReadyToStartContainers ",
)
"""How lines of `kubectl describe pod` begin that show the same."""


def without(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """An object without what a kubelet writes into it."""
    status = body.get("status")
    if isinstance(status, dict) and kind == "Pod":
        kept = {key: value for key, value in status.items() if key not in _POD_STATUS}
        if isinstance(kept.get("conditions"), list):
            conditions = [each for each in kept["conditions"] if each.get("type") in _CONDITIONS]
            kept["conditions"] = [_untouched(each) for each in conditions] if _runs_on_a_node(body) else conditions
        body = {**body, "status": kept}
    if isinstance(status, dict) and kind == "Node":
        body = {**body, "status": {key: value for key, value in status.items() if key in _NODE_STATUS}}
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("managedFields"), list):
        entries = [entry for entry in metadata["managedFields"] if entry.get("manager") not in WRITERS]
        body = {**body, "metadata": {**metadata, "managedFields": entries}}
    return body


def _runs_on_a_node(pod: dict[str, Any]) -> bool:
    return bool((pod.get("spec") or {}).get("nodeName"))


def _untouched(condition: dict[str, Any]) -> dict[str, Any]:
    """A condition that others wrote, without what kwok takes out of it when it writes its own."""
    return {key: value for key, value in condition.items() if key != "observedGeneration"}


def is_its_event(kind: str, body: Any) -> bool:
    """Whether an object is an Event that a kubelet wrote."""
    if not isinstance(body, dict) or body.get("kind", kind) != "Event":
        return False
    source = (body.get("source") or {}).get("component") or body.get("reportingComponent")
    return source in WRITERS


def tells_of_it(cells: list[Any], columns: list[Any]) -> bool:
    """Whether a row of a table is an Event that a kubelet wrote, by its reason: the table does not say from whom."""
    row = dict(zip(columns, cells, strict=False))
    return "Last Seen" in row and str(row.get("Object")).startswith("pod/") and row.get("Reason") in REASONS


def printed(line: str) -> bool:
    """The same of a line that kubectl printed, of events or of a description."""
    words = line.split()
    of_a_pod = any(word.startswith(("pod/", "Pod/")) for word in words)
    return "kubelet" in words[3:5] or "kubelet," in words[3:5] or (of_a_pod and bool(REASONS & set(words[1:3])))
