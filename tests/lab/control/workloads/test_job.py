"""Jobs: completions, failures and their delays, policies, deadlines, suspension."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import annotations_of, labels_of
from aiops.lab.ports import ProcessStatus

DONE = ProcessStatus(running=False, exit_code=0, reason="Completed")
FAILED = ProcessStatus(running=False, exit_code=3, reason="Error")


def _job(lab: Any, pod: Manifest | None = None, **spec: Any) -> Manifest:
    labels = {"job": "once"}
    template = {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app:1"}], **(pod or {})}
    whole = {
        "completions": 1,
        "parallelism": 1,
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "manualSelector": True,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": template},
        **spec,
    }
    made: Manifest = lab.create("batch/v1", "Job", "once", spec={k: v for k, v in whole.items() if v is not None})
    return made


def _conditions(lab: Any) -> list[tuple[str, str, str]]:
    entries = lab.status("Job", "once").get("conditions") or ()
    return [(entry["type"], entry["status"], entry["reason"]) for entry in entries]


def test_a_job_ends_when_enough_pods_have_succeeded(lab: Any) -> None:
    lab.processes.exits["app:1"] = DONE
    _job(lab, completions=3, parallelism=2)
    lab.settle()
    status = lab.status("Job", "once")
    assert (status["succeeded"], status["ready"], status["terminating"]) == (3, 0, 0)
    assert "active" not in status
    assert status["uncountedTerminatedPods"] == {}
    reached = "CompletionsReached"
    assert _conditions(lab) == [("SuccessCriteriaMet", "True", reached), ("Complete", "True", reached)]
    assert status["completionTime"] >= status["startTime"]
    assert len(lab.pods()) == 3
    assert all("finalizers" not in pod["metadata"] for pod in lab.pods())
    assert lab.events("once")[-1][:2] == ("Completed", "Job completed")


def test_failures_wait_longer_and_longer_up_to_the_limit(lab: Any) -> None:
    lab.processes.exits["app:1"] = FAILED
    _job(lab, backoffLimit=3)
    start = lab.now
    seen: dict[int, float] = {}
    for _ in range(40):
        lab.ticks()
        seen.setdefault(len(lab.pods()), lab.now - start)
    assert sorted(seen) == [1, 2, 3, 4]
    gaps = [seen[n + 1] - seen[n] for n in (1, 2, 3)]
    assert all(lower <= gap <= lower + 10 for lower, gap in zip((10, 20, 40), gaps, strict=True))
    assert lab.status("Job", "once")["failed"] == 4
    assert _conditions(lab)[-1] == ("Failed", "True", "BackoffLimitExceeded")
    assert lab.events("once")[-1][:2] == ("BackoffLimitExceeded", "Job has reached the specified backoff limit")


def test_restarts_in_place_count_as_failures(lab: Any) -> None:
    lab.processes.exits["app:1"] = FAILED
    _job(lab, {"restartPolicy": "OnFailure"}, backoffLimit=2)
    lab.ticks(60)
    assert _conditions(lab)[-1] == ("Failed", "True", "BackoffLimitExceeded")
    assert lab.pods() == []


def test_each_index_runs_once_and_knows_itself(lab: Any) -> None:
    lab.processes.exits["app:1"] = DONE
    _job(lab, completions=4, parallelism=3, completionMode="Indexed")
    lab.settle()
    assert lab.status("Job", "once")["completedIndexes"] == "0-3"
    pod = next(pod for pod in lab.pods() if labels_of(pod)["batch.kubernetes.io/job-completion-index"] == "2")
    assert pod["metadata"]["name"].startswith("once-2-")
    assert pod["spec"]["hostname"] == "once-2"
    assert annotations_of(pod)["batch.kubernetes.io/job-completion-index"] == "2"
    (env,) = pod["spec"]["containers"][0]["env"]
    assert env["name"] == "JOB_COMPLETION_INDEX"


def test_an_index_that_fails_too_often_is_given_up(lab: Any) -> None:
    lab.processes.exits["app:1"] = FAILED
    _job(lab, completions=2, parallelism=2, completionMode="Indexed", backoffLimitPerIndex=1, backoffLimit=None)
    lab.ticks(20)
    status = lab.status("Job", "once")
    assert (status["failedIndexes"], status["failed"]) == ("0,1", 4)
    assert _conditions(lab)[-1] == ("Failed", "True", "FailedIndexes")
    counted = sorted(annotations_of(pod)["batch.kubernetes.io/job-index-failure-count"] for pod in lab.pods())
    assert counted == ["0", "0", "1", "1"]


@pytest.mark.parametrize(
    ("action", "failed", "reason"), [("FailJob", 1, "PodFailurePolicy"), ("Ignore", 0, ""), ("Count", 1, "")]
)
def test_the_failure_policy_says_what_an_exit_code_means(lab: Any, action: str, failed: int, reason: str) -> None:
    lab.processes.exits["app:1"] = FAILED
    rules = [{"action": action, "onExitCodes": {"operator": "In", "values": [3, 4]}}]
    _job(lab, podFailurePolicy={"rules": rules})
    lab.ticks(3)
    assert lab.status("Job", "once").get("failed", 0) == failed
    if reason:
        (entry, last) = lab.status("Job", "once")["conditions"]
        name = lab.pods()[0]["metadata"]["name"]
        text = f"Container app for pod default/{name} failed with exit code 3 matching FailJob rule at index 0"
        assert (entry["type"], last["type"], last["reason"], last["message"]) == (
            "FailureTarget",
            "Failed",
            reason,
            text,
        )
    else:
        assert _conditions(lab) == []


def test_the_success_policy_ends_a_job_early(lab: Any) -> None:
    lab.processes.exits["app:1"] = DONE
    policy = {"rules": [{"succeededIndexes": "0,2"}]}
    _job(lab, completions=6, parallelism=1, completionMode="Indexed", successPolicy=policy)
    lab.ticks(20)
    assert lab.status("Job", "once")["completedIndexes"] == "0-2"
    assert _conditions(lab) == [("SuccessCriteriaMet", "True", "SuccessPolicy"), ("Complete", "True", "SuccessPolicy")]
    assert lab.status("Job", "once")["conditions"][0]["message"] == "Matched rules at index 0"


def test_a_deadline_ends_what_runs(lab: Any) -> None:
    _job(lab, activeDeadlineSeconds=20, parallelism=2, completions=2)
    lab.ticks(3)
    assert lab.status("Job", "once")["active"] == 2
    lab.ticks(2)
    assert [kind for kind, _, _ in _conditions(lab)] == ["FailureTarget"]
    lab.ticks(3)
    assert _conditions(lab)[-1] == ("Failed", "True", "DeadlineExceeded")
    status = lab.status("Job", "once")
    assert (status["failed"], status["terminating"], status.get("active", 0)) == (2, 0, 0)
    assert lab.pods() == []


def test_suspension_takes_the_pods_away_and_gives_them_back(lab: Any) -> None:
    _job(lab, suspend=True)
    lab.ticks(2)
    assert lab.pods() == []
    assert _conditions(lab) == [("Suspended", "True", "JobSuspended")]
    assert "startTime" not in lab.status("Job", "once")
    lab.edit("Job", "once", lambda job: job["spec"].update(suspend=False))
    lab.ticks(2)
    assert _conditions(lab) == [("Suspended", "False", "JobResumed")]
    assert lab.status("Job", "once")["active"] == 1
    lab.edit("Job", "once", lambda job: job["spec"].update(suspend=True))
    lab.ticks(4)
    assert lab.pods() == []
    assert "failed" not in lab.status("Job", "once")
    told = {reason: count for reason, _, count in lab.events("once") if reason in ("Suspended", "Resumed")}
    assert told == {"Suspended": 2, "Resumed": 1}


def test_a_pod_that_somebody_deletes_is_replaced_and_counted_once(lab: Any) -> None:
    _job(lab)
    lab.ticks(2)
    lab.store.delete("Pod", "default", lab.pods()[0]["metadata"]["name"])
    lab.ticks(8)
    status = lab.status("Job", "once")
    assert (status["failed"], status["active"]) == (1, 1)
    assert len(lab.pods()) == 1


def test_a_deleted_job_leaves_no_pod_behind(lab: Any) -> None:
    _job(lab, parallelism=3, completions=3)
    lab.ticks(2)
    lab.store.delete("Job", "default", "once")
    lab.settle()
    assert lab.pods() == []


def test_a_job_that_another_controller_runs_is_left_alone(lab: Any) -> None:
    _job(lab, managedBy="example.com/other")
    lab.ticks(3)
    assert lab.pods() == []
