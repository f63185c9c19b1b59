"""The columns of pods: their one word of status, their restarts, how many containers are ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import AGE, NAME, Column, path
from aiops.lab.kube.discovery.tables.durations import since
from aiops.lab.kube.objects import condition_is, deleting

_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Summary:
    """What kubectl tells of a pod: `status` is its one word; `last` is when a container last ended."""

    status: str
    ready: int
    total: int
    restarts: int
    last: str = ""


def summary(pod: Manifest) -> Summary:
    """As the server's printer works it out (`printPod`)."""
    status, spec = pod.get("status") or {}, pod["spec"]
    word = str(status.get("reason") or status.get("phase") or "")
    if any(
        c["type"] == "PodScheduled" and c.get("reason") == "SchedulingGated" for c in status.get("conditions") or ()
    ):
        word = "SchedulingGated"
    sidecars = {c["name"] for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"}
    total = len(spec.get("containers") or ()) + len(sidecars)
    first, held = _initial(pod, sidecars)
    if held and not condition_is(pod, "Initialized"):
        found = Summary(held, first.ready, total, first.restarts, first.last)
    else:
        found = _running(pod, held or word, first.ready, total, sidecars)
    return _ending(pod, found)


def pod_status(pod: Manifest) -> str:
    """The one word that kubectl shows: the phase, or the reason why a container does not run."""
    return summary(pod).status


def _ending(pod: Manifest, found: Summary) -> Summary:
    status = pod.get("status") or {}
    word = found.status
    if deleting(pod) and status.get("reason") == "NodeLost":
        word = "Unknown"
    elif deleting(pod) and status.get("phase") not in _ENDED:
        word = "Terminating"
    return Summary(word, found.ready, found.total, found.restarts, found.last)


def _initial(pod: Manifest, sidecars: set[str]) -> tuple[Summary, str]:
    """The counts of the init containers, and the word of the one that the pod waits for."""
    statuses = (pod.get("status") or {}).get("initContainerStatuses") or ()
    ready = restarts = 0
    lasts: list[str] = []
    for index, container in enumerate(statuses):
        restarts += container.get("restartCount", 0)
        lasts += _last_end(container)
        state = container.get("state") or {}
        ended = state.get("terminated")
        if ended and ended.get("exitCode") == 0:
            continue
        if container["name"] in sidecars and container.get("started"):
            ready += bool(container.get("ready"))
            continue
        waits = (state.get("waiting") or {}).get("reason")
        if ended:
            word = f"Init:{_why_ended(ended)}"
        elif waits and waits != "PodInitializing":
            word = f"Init:{waits}"
        else:
            word = f"Init:{index}/{len(pod['spec'].get('initContainers') or ())}"
        return Summary("", ready, 0, restarts, max(lasts, default="")), word
    return Summary("", ready, 0, restarts, max(lasts, default="")), ""


def _running(pod: Manifest, word: str, ready: int, total: int, sidecars: set[str]) -> Summary:
    status = pod.get("status") or {}
    beside = [c for c in status.get("initContainerStatuses") or () if c["name"] in sidecars]
    restarts = sum(c.get("restartCount", 0) for c in beside)
    lasts = [end for c in beside for end in _last_end(c)]
    runs, failed = False, ""
    for container in reversed(status.get("containerStatuses") or ()):
        restarts += container.get("restartCount", 0)
        lasts += _last_end(container)
        state = container.get("state") or {}
        if waits := (state.get("waiting") or {}).get("reason"):
            word = waits
        elif ended := state.get("terminated"):
            word = _why_ended(ended)
            failed = word if ended.get("exitCode") else failed
        elif container.get("ready") and state.get("running") is not None:
            runs, ready = True, ready + 1
    if word == "Completed":
        without = failed or ("NotReady" if runs else word)
        word = "Running" if runs and condition_is(pod, "Ready") else without
    return Summary(word, ready, total, restarts, max(lasts, default=""))


def _why_ended(ended: dict[str, Any]) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _last_end(container: dict[str, Any]) -> Iterator[str]:
    ended = (container.get("lastState") or {}).get("terminated") or {}
    if ended.get("finishedAt"):
        yield ended["finishedAt"]


def _restarts(pod: Manifest, now: float) -> str:
    found = summary(pod)
    return f"{found.restarts} ({since(found.last, now)} ago)" if found.restarts and found.last else str(found.restarts)


def _ready(pod: Manifest, _now: float) -> str:
    found = summary(pod)
    return f"{found.ready}/{found.total}"


def _address(pod: Manifest, _now: float) -> str:
    addresses = (pod.get("status") or {}).get("podIPs") or ()
    return str(addresses[0].get("ip")) if addresses else (pod.get("status") or {}).get("podIP") or "<none>"


def _gates(pod: Manifest, _now: float) -> str:
    gates = pod["spec"].get("readinessGates") or ()
    if not gates:
        return "<none>"
    return f"{sum(condition_is(pod, gate['conditionType']) for gate in gates)}/{len(gates)}"


POD = (
    NAME,
    Column("Ready", _ready, "The aggregate readiness state of this pod for accepting traffic."),
    Column("Status", lambda pod, _now: pod_status(pod), "The aggregate status of the containers in this pod."),
    Column("Restarts", _restarts, "The number of times the containers in this pod have been restarted and when the "
           "last container in this pod has restarted."),
    AGE,
    Column("IP", _address, "core/v1.PodStatus:podIP", wide=True),
    Column("Node", path("spec", "nodeName"), "core/v1.PodSpec:nodeName", wide=True),
    Column("Nominated Node", path("status", "nominatedNodeName"), "core/v1.PodStatus:nominatedNodeName", wide=True),
    Column("Readiness Gates", _gates, "core/v1.PodSpec:readinessGates", wide=True),
)  # fmt: skip


def row_conditions(pod: Manifest) -> list[dict[str, str]]:
    """What a row says of a pod that has ended."""
    phase = (pod.get("status") or {}).get("phase")
    said = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}
    if phase not in said:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": said[phase]}]
