"""What a Job says about failed pods and about success before all is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.job_indexes import Indexes, parse_indexes
from aiops.lab.control.workloads.job_spec import completions
from aiops.lab.kube.objects import key_of

IGNORE, COUNT, FAIL_INDEX, FAIL_JOB = "Ignore", "Count", "FailIndex", "FailJob"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a failed pod means: the action of the rule that matches (empty: none), and why the Job fails by it."""

    action: str = ""
    message: str = ""

    @property
    def counts(self) -> bool:
        return self.action != IGNORE


def rule_on(job: Manifest, pod: Manifest) -> Ruling:
    """The first rule of the Job's podFailurePolicy that matches the pod."""
    policy = job["spec"].get("podFailurePolicy") or {}
    for number, rule in enumerate(policy.get("rules") or ()):
        why = _matches(rule, pod)
        if why:
            action = rule["action"]
            message = f"{why} matching {action} rule at index {number}" if action == FAIL_JOB else ""
            return Ruling(action, message)
    return Ruling()


def _matches(rule: dict[str, Any], pod: Manifest) -> str:
    """What of the pod the rule matches, in words; empty where nothing does."""
    name, status = "/".join(key_of(pod)), pod.get("status", {})
    if (codes := rule.get("onExitCodes")) is not None:
        for field in ("containerStatuses", "initContainerStatuses"):
            for entry in status.get(field) or ():
                code = ((entry.get("state") or {}).get("terminated") or {}).get("exitCode", 0)
                if codes.get("containerName") in (None, entry["name"]) and code and _listed(codes, code):
                    return f"Container {entry['name']} for pod {name} failed with exit code {code}"
        return ""
    for entry in status.get("conditions") or ():
        for pattern in rule.get("onPodConditions") or ():
            if (entry["type"], entry["status"]) == (pattern["type"], pattern.get("status", "True")):
                return f"Pod {name} has condition {entry['type']}"
    return ""


def _listed(codes: dict[str, Any], code: int) -> bool:
    return bool((code in codes["values"]) == (codes["operator"] == "In"))


def success_message(job: Manifest, succeeded: Indexes) -> str:
    """Which rule of the Job's successPolicy is fulfilled; empty where none is."""
    policy = job["spec"].get("successPolicy") or {}
    end = completions(job)
    for number, rule in enumerate(policy.get("rules") or ()) if succeeded.intervals else ():
        wanted = rule.get("succeededCount")
        if rule.get("succeededIndexes") is None:
            done = wanted is not None and len(succeeded) >= wanted
        else:
            asked = parse_indexes(rule["succeededIndexes"], end)
            shared = asked & succeeded
            done = bool(asked.intervals) and (shared == len(asked) or (wanted is not None and shared >= wanted))
        if done:
            return f"Matched rules at index {number}"
    return ""
