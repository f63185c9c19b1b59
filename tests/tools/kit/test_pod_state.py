"""What is said about a pod."""

from __future__ import annotations

from aiops.tools.kit.pod_state import summarise


def pod(state=None, last=None, ready=False, restarts=0, phase="Running", **status):
    return {
        "kind": "Pod",
        "metadata": {
            "name": "geo-abc-x",
            "namespace": "hotel",
            "labels": {"pod-template-hash": "abc"},
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "ownerReferences": [{"kind": "ReplicaSet", "name": "geo-abc", "controller": True}],
        },
        "spec": {"nodeName": "n1"},
        "status": {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [
                {
                    "name": "geo",
                    "image": "geo:1",
                    "ready": ready,
                    "restartCount": restarts,
                    "state": state or {"running": {"startedAt": "2026-01-01T00:00:05Z"}},
                    "lastState": {"terminated": last} if last else {},
                }
            ],
            **status,
        },
    }


def test_a_healthy_pod_has_no_problems():
    summary = summarise(pod(ready=True))
    assert summary.problems == ()
    assert (summary.ready, summary.node) == (True, "n1")
    assert summary.containers[0].state == "running"
    assert summary.containers[0].started_at == 1767225605.0


def test_a_container_that_waits():
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "geo:9"'}}
    (problem,) = summarise(pod(waiting, phase="Pending")).problems
    assert problem == 'container geo waits: ImagePullBackOff: Back-off pulling image "geo:9"'
    assert summarise(pod({"waiting": {"reason": "ContainerCreating"}}, phase="Pending")).problems == ("is not ready",)


def test_a_container_that_was_killed():
    last = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-01-01T00:01:00Z"}
    summary = summarise(pod({"waiting": {"reason": "CrashLoopBackOff"}}, last, restarts=4))
    assert summary.problems == (
        "container geo waits: CrashLoopBackOff",
        "container geo restarted 4 times, last: OOMKilled (exit code 137)",
    )
    assert summary.containers[0].last_finished_at == 1767225660.0
    ended = summarise(pod({"terminated": {"reason": "Error", "exitCode": 2}}))
    assert ended.problems == ("container geo ended: Error (exit code 2)",)


def test_a_pod_that_is_not_scheduled_or_leaves():
    manifest = pod(phase="Pending", containerStatuses=[])
    manifest["status"]["conditions"].append(
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}
    )
    assert summarise(manifest).problems == ("is not scheduled: 0/3 nodes are available",)
    manifest = pod(ready=True)
    manifest["metadata"]["deletionTimestamp"] = "2026-01-01T00:02:00Z"
    assert summarise(manifest).problems == ("is being deleted",)
    assert summarise(pod(phase="Succeeded")).problems == ()


def test_a_pod_without_status():
    summary = summarise({"kind": "Pod", "metadata": {"name": "x", "namespace": "y"}})
    assert (summary.phase, summary.ready, summary.containers) == ("Unknown", False, ())
