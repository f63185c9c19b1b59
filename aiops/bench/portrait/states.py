"""What objects tell of themselves since the onset, and did not tell before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from aiops.bench.portrait.scene import Scene
from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest

CONDITIONED = ("Deployment", "Node", "Job", "HorizontalPodAutoscaler", "PersistentVolumeClaim", "APIService")
REVISION = "deployment.kubernetes.io/revision"
NEVER = "1970-01-01T00:00:00Z"


def states(scene: Scene) -> set[str]:
    """Conditions, why containers wait or ended, warnings, and which version runs now. What is told of one object now,
    and was told of another one before, is usual: Jobs of a schedule come to their end."""
    told = [*_conditions(scene), *_containers(scene), *_warnings(scene), *_versions(scene)]
    usual = {state for state, at in told if at < scene.onset}
    return {state for state, at in told if at >= scene.onset} - usual


def _conditions(scene: Scene) -> Iterator[tuple[str, float]]:
    for kind in CONDITIONED:
        for item in scene.stage.world.cluster.objects(kind):
            whose = scene.whose(item["metadata"]["name"])
            for each in (item.get("status") or {}).get("conditions") or ():
                at = from_rfc3339(each.get("lastTransitionTime") or NEVER)
                yield f"{kind} of {whose}: {each['type']} {each['status']} {each.get('reason', '')}".rstrip(), at


def _containers(scene: Scene) -> Iterator[tuple[str, float]]:
    for pod in scene.stage.world.cluster.objects("Pod"):
        whose = scene.whose(pod["metadata"]["name"])
        yield from ((f"container of {whose}: {reason}", at) for reason, at in _reasons(pod, scene.now))


def _reasons(pod: Manifest, now: float) -> Iterator[tuple[str, float]]:
    status = pod.get("status") or {}
    for entry in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        for moment in (entry.get("state") or {}, entry.get("lastState") or {}):
            ended = moment.get("terminated") or {}
            if "waiting" in moment:
                yield str(moment["waiting"].get("reason")), now
            elif ended:
                yield f"{ended.get('reason')} {ended.get('exitCode')}", from_rfc3339(ended.get("finishedAt") or NEVER)


def _warnings(scene: Scene) -> Iterator[tuple[str, float]]:
    for event in scene.stage.world.cluster.objects("Event"):
        if event.get("type") == "Warning":
            about = event["involvedObject"]
            state = f"event of {about['kind']} of {scene.whose(about.get('name', ''))}: {event['reason']}"
            yield state, from_rfc3339(event.get("lastTimestamp") or NEVER)


def _versions(scene: Scene) -> Iterator[tuple[str, float]]:
    """Whether the newest revision of a Deployment runs a later version than the one before it, or an earlier one."""
    revisions: dict[str, list[Manifest]] = defaultdict(list)
    for item in scene.stage.world.cluster.objects("ReplicaSet"):
        for owner in item["metadata"].get("ownerReferences") or ():
            revisions[owner["name"]].append(item)
    for name, items in sorted(revisions.items()):
        *_, before, now = [{}, *sorted(items, key=_revision)]
        if before and version_of(now) != version_of(before):
            way = "later" if version_of(now) > version_of(before) else "earlier"
            at = from_rfc3339(now["metadata"].get("creationTimestamp") or NEVER)
            yield f"version of {scene.whose(name)}: {way}", max(at, _changed(scene, name))


def _revision(item: Manifest) -> int:
    return int((item["metadata"].get("annotations") or {}).get(REVISION, 0))


def version_of(item: Manifest) -> list[tuple[bool, int, str]]:
    """The tag of the first container's image, in the order of versions: numbers as numbers."""
    tag = item["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2]
    parts = re.findall(r"\d+|[a-z]+", tag.lower())
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _changed(scene: Scene, name: str) -> float:
    """When a Deployment last went on in a rollout: one that comes back to a ReplicaSet makes none."""
    for item in scene.stage.world.cluster.objects("Deployment"):
        if item["metadata"]["name"] == name:
            conditions = (item.get("status") or {}).get("conditions") or ()
            return max((from_rfc3339(each.get("lastUpdateTime") or NEVER) for each in conditions), default=0.0)
    return 0.0
