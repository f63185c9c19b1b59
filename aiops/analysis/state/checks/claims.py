"""A claim that is not there, gets no volume, or whose volume cannot come to its pod."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.events import events_about
from aiops.analysis.state.makers import maker_of
from aiops.analysis.state.placing.message import obstacles
from aiops.analysis.state.registry import Finding, check
from aiops.analysis.state.storage.users import mounts
from aiops.analysis.state.storage.volumes import attach_suspects, conflict_suspects, missing_suspects, unbound_suspects
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.moments import created_at, moment

ATTACHING = ("FailedAttachVolume", "FailedMount")


@check("claims", whole=("PersistentVolumeClaim", "PersistentVolume", "StorageClass"))
def claims(state: ClusterState) -> Iterator[Finding]:
    """Pods that wait for a claim: one that does not exist, that no volume fits, or whose volume is held elsewhere or
    lives where the pod cannot run."""
    said: set[tuple[Entity, Entity]] = set()
    for pod in state.of("Pod"):
        waiting = pod.get("status", {}).get("phase") == "Pending" and "deletionTimestamp" not in pod["metadata"]
        for name in mounts(pod["spec"]) if waiting else ():
            claim = Entity(kind="PersistentVolumeClaim", namespace=pod["metadata"].get("namespace", ""), name=name)
            maker = maker_of(state, pod)
            if (maker, claim) in said:
                continue
            found = _finding(state, pod, maker, claim)
            if found is not None:
                said.add((maker, claim))
                yield found


def _finding(state: ClusterState, pod: Manifest, maker: Entity, claim: Entity) -> Finding | None:
    item = state.find(claim.kind, claim.namespace, claim.name)
    conditions: list[Manifest] = pod["status"].get("conditions") or []
    scheduled: Manifest = next((c for c in conditions if c["type"] == "PodScheduled"), {})
    message, since = str(scheduled.get("message", "")), moment(scheduled.get("lastTransitionTime"))
    suspects: list[Hypothesis] = []
    if item is None:
        what, suspects = f"{claim} does not exist.", missing_suspects(state, maker, claim)
    elif item.get("status", {}).get("phase") != "Bound":
        what, suspects = f"{claim} has no volume.", unbound_suspects(state, item)
        message = _told(state, claim) or message
    elif any(one.kind == "volume" for one in obstacles(message)):
        what, suspects = (
            f"The volume of {claim} is bound to a place where its pod cannot run.",
            conflict_suspects(state, pod, maker, item),
        )
    else:
        told = events_about(state, Entity.of(pod), *ATTACHING)
        held = next((event for event in told if "Multi-Attach" in event.message), None)
        if held is None and "ReadWriteOncePod" not in message:
            return None
        what = f"The volume of {claim} is held elsewhere."
        suspects, since = attach_suspects(state, maker, item), held.first_at if held else since
        message = held.message if held else message
    if not suspects:
        return None
    return Finding(
        subject=maker,
        seen_in=Entity.of(pod),
        summary=what,
        observed=message,
        score=1.0,
        since=since or created_at(pod),
        suggests=tuple(suspects),
    )


def _told(state: ClusterState, claim: Entity) -> str:
    """What the controllers of volumes last said about a claim."""
    return next((event.message for event in events_about(state, claim)), "")
