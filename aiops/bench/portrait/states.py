"""What objects tell of themselves since the onset, and did not tell before."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.bench.portrait.scene import Scene
from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest

CONDITIONED = ("Deployment", "Node", "Job", "HorizontalPodAutoscaler", "PersistentVolumeClaim", "APIService")
NEVER = "1970-01-01T00:00:00Z"


def states(scene: Scene) -> set[str]:
    """Conditions, why containers wait or ended, and warnings. What is told of one object now, and was told of another
    one before, is usual: Jobs of a schedule come to their end."""
    told = [*_conditions(scene), *_containers(scene), *_warnings(scene)]
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
